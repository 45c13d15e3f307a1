import { compareIds } from '../../model/records/backup-id.ts';
import type { BackupAddress, ListedBackup, Store } from '../store.ts';

/** What `list` finds in a store. */
export interface FoundBackups {
  /** By namespace, release and cluster; the newest of a release first. */
  backups: ListedBackup[];
  /** Those that can't be restored. */
  damaged: number;
  /** Where none was found: how many the store holds of other releases or namespaces. */
  others: number;
}

/**
 * The backups of a store that `filter` wants, damaged ones included. An empty answer for one namespace or release
 * must not read as an empty store, so then the others are counted.
 * @param besides what was found in another place, and is shown among them.
 * @throws UnreachableError as Store.list does.
 */
export async function findBackups(
  store: Store,
  filter: Partial<BackupAddress>,
  besides: readonly ListedBackup[] = [],
): Promise<FoundBackups> {
  const backups = [...(await store.list(filter)), ...besides].sort(order);
  const isNarrow = Object.keys(filter).length > 0;
  return {
    backups,
    damaged: backups.filter(({ damage }) => damage !== undefined).length,
    others: backups.length === 0 && isNarrow ? (await store.list({})).length : 0,
  };
}

function order(a: ListedBackup, b: ListedBackup): number {
  for (const part of ['namespace', 'release', 'cluster'] as const) {
    if (a.address[part] !== b.address[part]) return a.address[part] < b.address[part] ? -1 : 1;
  }
  return compareIds(b.address.id, a.address.id);
}
