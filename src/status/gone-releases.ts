import type { ExaminedRelease } from '../doctor/doctor-context.ts';
import type { ReleaseName } from '../model/release/discover.ts';
import type { ClusterInUse } from '../store/cluster-name.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import { ownBackups } from '../store/find/own-backups.ts';
import type { ListedBackup } from '../store/store.ts';

/** Whether the cluster holds nothing of a release, as far as everything could be read. */
export function isNowhere({ live }: ExaminedRelease): boolean {
  return (
    live.history.length === 0 &&
    live.unreadable.length === 0 &&
    live.classified.every(({ role }) => role !== 'owned')
  );
}

/**
 * Releases that have a backup to restore and of which the cluster holds nothing, by namespace and name.
 * @param backups of the namespaces that were looked into.
 * @param there the releases that the cluster has.
 * @param cluster undefined: it can't be told whose backups they are, and no release is called gone.
 */
export function goneReleases(
  backups: readonly ListedBackup[],
  there: readonly ReleaseName[],
  { cluster, names }: { cluster: ClusterInUse | undefined; names: readonly string[] },
): ReleaseName[] {
  if (cluster === undefined) return [];
  const present = new Set(there.map(keyOf));
  const groups = Map.groupBy(
    ownBackups(backups, cluster).filter(({ address }) => address.id !== ''),
    ({ address }) => keyOf(address),
  );
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([key, each]) => {
      const { release } = each[0]!.address;
      const isWanted = names.length === 0 || names.includes(release);
      return isWanted && !present.has(key) && latestBackups(each, cluster).length > 0;
    })
    .map(([, each]) => ({ namespace: each[0]!.address.namespace, release: each[0]!.address.release }));
}

function keyOf({ namespace, release }: ReleaseName): string {
  return `${namespace}/${release}`;
}
