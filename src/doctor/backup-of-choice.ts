import type { ClusterInUse } from '../store/cluster-name.ts';
import { latestBackups, newestHealthy, newestRestorable } from '../store/find/latest-backups.ts';
import type { ListedBackup } from '../store/store.ts';

/** The backup that a restore is advised of. */
export interface ChosenBackup {
  backup: ListedBackup;
  /** What names it on a command line: RELEASE where that is the newest, RELEASE@healthy, else RELEASE@ID. */
  selector: string;
  /** Whether the release was up when it was taken. */
  healthy: boolean;
}

/**
 * The newest healthy backup of a release: whoever restores one that was taken while pods crashed has them crash again. Where none
 * is healthy, the newest that can be restored.
 * @param backups of one release in one namespace, in any order.
 * @param cluster the one in use; undefined where it can't be told.
 */
export function backupOfChoice(
  backups: readonly ListedBackup[],
  cluster: ClusterInUse | undefined,
): ChosenBackup | undefined {
  const backup = newestHealthy(backups, cluster);
  if (backup === undefined) {
    const newest = newestRestorable(backups, cluster);
    return newest && { ...newest, healthy: false };
  }
  const { release } = backup.address;
  const [latest] = latestBackups(backups, cluster);
  return { backup, selector: backup === latest ? release : `${release}@healthy`, healthy: true };
}
