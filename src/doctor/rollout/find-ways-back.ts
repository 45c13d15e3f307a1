import { orUndefined } from '../../errors/or-undefined.ts';
import { mayBeAtWork } from '../../model/helm/helm-operation.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { isHealthy } from '../../model/records/backup-health.ts';
import { latestBackups } from '../../store/find/latest-backups.ts';
import { backupOfChoice } from '../backup-of-choice.ts';
import type { DoctorContext, ExaminedRelease } from '../doctor-context.ts';
import { type HealthyMoment, lastRevisionUp, type PodSeen } from './revision-up.ts';
import { restoreWay, rollbackWay, type WaysBack } from './ways-back.ts';

/**
 * How a release that is not up comes back: which of its backups is of a moment when it was, and which revision of Helm's. The
 * restore is rehearsed: what would change nothing, or be refused, is no way. Reads only, and fails on nothing.
 * @param pods of its memcached workloads.
 */
export async function findWaysBack(
  release: ExaminedRelease,
  pods: readonly PodSeen[],
  doctor: DoctorContext,
): Promise<WaysBack> {
  const { live, namespace, name } = release;
  const [backups, cluster, subject] = await Promise.all([
    doctor.backupsOf(release),
    doctor.cluster(),
    doctor.advised(release),
  ]);
  const chosen = backupOfChoice(backups, cluster);
  const healthy = chosen?.healthy === true ? chosen : undefined;
  // One that can't be tried (sealed, damaged, no answer of the API server) is a way all the same.
  const rehearsal = healthy && (await orUndefined(() => doctor.rehearse(release, healthy.backup.address)));
  const restore = healthy && restoreWay(healthy, rehearsal, subject, doctor.now);
  const moments = latestBackups(backups, cluster).flatMap(({ address, summary }): HealthyMoment[] =>
    summary?.helm === undefined || !isHealthy(summary)
      ? []
      : [{ id: address.id, at: summary.startedAt, revision: summary.helm.revision }],
  );
  const newest = newestRevision(live.history);
  const isAtWork = newest !== undefined && mayBeAtWork(newest, doctor.now);
  const up = isAtWork ? undefined : lastRevisionUp(live.history, pods, moments);
  return {
    ...(restore === undefined ? {} : { restore }),
    ...(up === undefined ? {} : { rollback: rollbackWay(up, pods, { namespace, name }) }),
  };
}
