import { type Command, tool } from '../advice/command.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { StoreName } from '../store/advice.ts';
import type { ReleaseAddress } from '../store/store.ts';

/** Where a release's backups and journals lie: a command that is advised has to find the same ones. */
export interface AdviceScope {
  store: StoreName;
  /** Of the journals. */
  address: ReleaseAddress;
  /** --cluster-name, where it was given. */
  clusterName: string | undefined;
  /** Further flags of the restore, which a repeated one needs too; a word each. */
  flags?: readonly string[];
}

/** The command that carries a plan's restore out once more: `restore cart@ID -n shop --into drill`. */
export function restoreCommand(
  { backup, namespace }: Plan,
  { store, clusterName, flags = [] }: AdviceScope,
  ...more: string[]
): Command {
  const name = backup.path ?? `${backup.release}@${backup.id}`;
  const into = backup.namespace === namespace.name ? [] : ['--into', namespace.name];
  const found = [...clusterFlags(clusterName), ...storeFlags(store)];
  return tool('restore', name, '-n', backup.namespace, ...into, ...flags, ...found, ...more);
}

/** The command that takes a release's last restore back: `undo cart -n shop`. */
export function undoCommand(scope: AdviceScope): Command {
  const { namespace, release } = scope.address;
  return tool('undo', release, '-n', namespace, ...journalsClusterFlags(scope), ...storeFlags(scope.store));
}

/** What finds the store, and opens what is sealed in it. */
function storeFlags({ flags, keyFlags = [] }: StoreName): string[] {
  return [...flags, ...keyFlags];
}

/** Of a restore that named another cluster's folder, journal and safety backup lie in that of the cluster in use. */
export function journalsClusterFlags({ address, clusterName }: AdviceScope): string[] {
  return clusterFlags(clusterName === address.cluster ? clusterName : undefined);
}

function clusterFlags(clusterName: string | undefined): string[] {
  return clusterName === undefined ? [] : ['--cluster-name', clusterName];
}
