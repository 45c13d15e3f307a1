import { tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { StoreName } from '../advice.ts';
import type { ClusterInUse } from '../cluster-name.ts';
import type { Store } from '../store.ts';
import { ownBackups } from './own-backups.ts';

/** Namespaces that have backups of a release, and how many; by name. */
export type PlacesElsewhere = ReadonlyMap<string, number>;

/**
 * Where else a release of this name has backups: whoever looks in the wrong namespace must not be told that there are none.
 * Safety backups and folders that can't be looked into count for nothing.
 * @param cluster only its backups; undefined: those of any.
 * @throws UnreachableError as Store.list does.
 */
export async function elsewhere(
  store: Pick<Store, 'list'>,
  { release, namespace }: { release: string; namespace: string },
  cluster?: ClusterInUse,
): Promise<PlacesElsewhere> {
  const listed = await store.list({ release });
  const own = cluster === undefined ? listed : ownBackups(listed, cluster);
  const counted = own.filter(
    ({ address, summary }) =>
      address.id !== '' && address.namespace !== namespace && summary?.kind !== 'safety',
  );
  const places = Map.groupBy(counted, ({ address }) => address.namespace);
  return new Map(
    [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { length }]) => [name, length]),
  );
}

/** "3 in namespace cache", "3 in namespace cache and 1 in namespace dev" */
export function placesInWords(places: PlacesElsewhere): string {
  return [...places].map(([namespace, count]) => `${count} in namespace ${namespace}`).join(' and ');
}

/**
 * The error of whoever looked in the wrong namespace: it names the right one, and the command with `-n`.
 * @param command that was typed, and what it was about: ["restore", "cart@healthy"].
 */
export function wrongNamespace(
  { release, namespace }: { release: string; namespace: string },
  places: PlacesElsewhere,
  {
    command,
    store,
    untouched,
  }: { command: readonly string[]; store: Pick<StoreName, 'flags'>; untouched?: string },
): ToolError {
  const [first = namespace] = places.keys();
  return new ToolError(
    `there is no backup of ${release} in namespace ${namespace}; the store holds ${placesInWords(places)}`,
    {
      ...(untouched === undefined ? {} : { untouched }),
      next: tool(...command, '-n', first, ...store.flags),
    },
  );
}
