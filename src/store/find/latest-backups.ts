import { isHealthy } from '../../model/records/backup-health.ts';
import { compareIds } from '../../model/records/backup-id.ts';
import type { ClusterInUse } from '../cluster-name.ts';
import type { ListedBackup } from '../store.ts';
import { ownBackups } from './own-backups.ts';

export interface LatestOptions {
  /** Damaged backups count as well: for whoever has to find them out. */
  damagedToo?: boolean;
}

/**
 * The one rule of what `latest` and `previous` may be, and whatever else asks for the newest backup to restore: complete,
 * undamaged as far as a listing tells, no safety backup, and of the cluster in use, in whichever of its folders. One that
 * holds neither a workload nor a pod of memcached is passed over where there is another: it was taken of a release that
 * was gone already. Ids alone say what is newer; no clock is asked, so one from the future counts.
 * @param backups of one release in one namespace, in any order.
 * @param cluster undefined where it can't be told: those of every cluster count.
 * @returns the newest first: `latest`, then `previous`.
 */
export function latestBackups(
  backups: readonly ListedBackup[],
  cluster: ClusterInUse | undefined,
  { damagedToo = false }: LatestOptions = {},
): ListedBackup[] {
  const own = cluster === undefined ? backups : ownBackups(backups, cluster);
  const fit = own.filter(
    (backup) => unfit(backup) === undefined || (damagedToo && backup.damage !== undefined),
  );
  const solid = fit.filter((backup) => !isHollow(backup));
  return newestFirst(solid.some(({ damage }) => damage === undefined) ? solid : fit, cluster);
}

/**
 * What `healthy` is: the newest of those that may be `latest` and were taken while the release was up; undefined where none
 * was. @param backups, cluster as of {@link latestBackups}.
 */
export function newestHealthy(
  backups: readonly ListedBackup[],
  cluster: ClusterInUse | undefined,
): ListedBackup | undefined {
  return latestBackups(backups, cluster).find(({ summary }) => summary !== undefined && isHealthy(summary));
}

/** A backup that a restore can be told to take. */
export interface Restorable {
  backup: ListedBackup;
  /** What names it: RELEASE where it is `latest`, else RELEASE@ID. */
  selector: string;
}

/**
 * What there is to restore of a release: `latest`; where there is none, the newest one that is not damaged, which only its
 * id names.
 * @param backups, cluster as of {@link latestBackups}.
 */
export function newestRestorable(
  backups: readonly ListedBackup[],
  cluster: ClusterInUse | undefined,
): Restorable | undefined {
  const [latest] = latestBackups(backups, cluster);
  if (latest !== undefined) return { backup: latest, selector: latest.address.release };
  const own = cluster === undefined ? backups : ownBackups(backups, cluster);
  const backup = newestFirst(own, cluster).find(({ damage }) => damage === undefined);
  return backup && { backup, selector: `${backup.address.release}@${backup.address.id}` };
}

/** By id, the newest first; of the same moment in two folders, the one in the folder that the cluster saves to. */
export function newestFirst(backups: readonly ListedBackup[], cluster?: ClusterInUse): ListedBackup[] {
  const isElsewhere = ({ address }: ListedBackup): number => (address.cluster === cluster?.name ? 0 : 1);
  return backups.toSorted(
    (a, b) => compareIds(b.address.id, a.address.id) || isElsewhere(a) - isElsewhere(b),
  );
}

/** Why `latest` never is this backup; undefined where it may be. */
export function unfit({ summary, damage }: ListedBackup): string | undefined {
  if (damage !== undefined) return `damaged: ${damage}`;
  if (summary?.kind === 'safety') return 'safety backup';
  if (summary?.complete !== true) return 'incomplete';
  return undefined;
}

/** Whether a backup holds neither a workload of the release nor a pod of memcached. */
export function isHollow({ summary }: ListedBackup): boolean {
  return summary?.hollow === true;
}
