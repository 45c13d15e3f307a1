import { ToolError } from '../../errors/tool-error.ts';
import { mayBeAtWork } from '../../model/helm/helm-operation.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import { isHealthy } from '../../model/records/backup-health.ts';
import { latestBackups } from '../../store/find/latest-backups.ts';
import { backupOfChoice, type ChosenBackup } from '../backup-of-choice.ts';
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
  const restore =
    chosen?.healthy === true
      ? restoreWay(chosen, await tried(chosen, release, doctor), subject, doctor.now)
      : undefined;
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

/** Undefined where it can't be tried: sealed, damaged, or the API server does not answer. */
async function tried(
  { backup }: ChosenBackup,
  release: ExaminedRelease,
  doctor: DoctorContext,
): Promise<Rehearsal | undefined> {
  try {
    return await doctor.rehearse(release, backup.address);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}
