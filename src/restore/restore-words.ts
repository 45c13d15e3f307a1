import type { Plan } from '../model/plan/plan.ts';
import { type StoreName, shellWord } from '../store/advice.ts';
import type { ReleaseAddress } from '../store/store.ts';

/** Where a release's backups and journals lie: a command that is advised has to find the same ones. */
export interface AdviceScope {
  store: StoreName;
  /** Of the journals. */
  address: ReleaseAddress;
  /** --cluster-name, where it was given. */
  clusterName: string | undefined;
  /** Further flags of the restore, which a repeated one needs too. */
  flags?: readonly string[];
}

/** The words that name a plan's restore once more, for advice: "restore cart@ID -n shop --into drill". */
export function restoreWords(
  { backup, namespace }: Plan,
  { store, clusterName, flags = [] }: AdviceScope,
): string {
  const name = backup.path === undefined ? `${backup.release}@${backup.id}` : shellWord(backup.path);
  const into = backup.namespace === namespace.name ? '' : ` --into ${namespace.name}`;
  return `restore ${name} -n ${backup.namespace}${into}${flags.map((flag) => ` ${flag}`).join('')}${clusterFlag(clusterName)}${storeFlags(store)}`;
}

/** The words that take a release's last restore back: "undo cart -n shop". */
export function undoWords(scope: AdviceScope): string {
  const { namespace, release } = scope.address;
  return `undo ${release} -n ${namespace}${journalsClusterFlag(scope)}${storeFlags(scope.store)}`;
}

/** What finds the store, and opens what is sealed in it. */
function storeFlags({ flag, keyFlag = '' }: StoreName): string {
  return `${flag}${keyFlag}`;
}

/** Of a restore that named another cluster's folder, journal and safety backup lie in that of the cluster in use. */
export function journalsClusterFlag({ address, clusterName }: AdviceScope): string {
  return clusterFlag(clusterName === address.cluster ? clusterName : undefined);
}

function clusterFlag(clusterName: string | undefined): string {
  return clusterName === undefined ? '' : ` --cluster-name ${shellWord(clusterName)}`;
}
