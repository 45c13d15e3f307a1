import { wrongLabels } from '../../model/helm/helm-labels.ts';
import { AT_WORK_MS, mayBeAtWork, operationBegan } from '../../model/helm/helm-operation.ts';
import {
  effectiveRevision,
  type HelmRevision,
  newestRevision,
  sameOrigin,
  sameRevision,
} from '../../model/helm/helm-release.ts';
import { sameContent } from '../../model/helm/release-content.ts';
import { isAsRestored, isBlocking } from '../../model/helm/restored-record.ts';
import { objectAt, stringAt } from '../../model/json/json.ts';
import { displayName, refOf } from '../../model/kubernetes/object.ts';
import type { PlannedHelm } from '../../model/plan/plan.ts';

/** How a restore describes its revision in `helm history`; also tells an interrupted restore from a stranger's work. */
export function restoreDescription(backupId: string): string {
  return `Restored from backup ${backupId} by memcached-backup`;
}

/**
 * What happens to Helm's record. The live revision installs what the backup's does: nothing, the objects alone
 * had moved.
 * Moved on or reinstalled, or two are deployed at once: one new revision above all others. No history: the backup's, revision by revision.
 */
export function planHelm(
  backup: HelmRevision[],
  live: HelmRevision[],
  now: Date,
): { helm: PlannedHelm; refusals: string[]; warnings: string[] } {
  const planned = planRecord(backup, live, now);
  return {
    ...planned,
    warnings: [...pendingThen(backup, planned.helm), ...unlabelledNow(live), ...planned.warnings],
  };
}

/** Live operations of Helm's that were cut off, in words: of those that a backup was taken amid nothing is left to mend. */
export function abandonedOperations(backup: HelmRevision[], live: HelmRevision[], now: Date): string[] {
  return planRecord(backup, live, now).warnings;
}

/** Records without Helm's labels count as Helm's: no new one may have their names. */
function unlabelledNow(live: HelmRevision[]): string[] {
  const lost = live.filter((revision) => wrongLabels(revision).length > 0);
  if (lost.length === 0) return [];
  const names = lost.map(({ record }) => displayName(refOf(record))).join(', ');
  return [`Helm does not find its records ${names}: their labels are gone; doctor --fix puts them back`];
}

/** That the backup was taken amid an operation of Helm's, or of one that was cut off, and what comes of it. */
function pendingThen(backup: HelmRevision[], helm: PlannedHelm): string[] {
  const newest = newestRevision(backup);
  if (newest === undefined || !isBlocking(newest)) return [];
  const what = `when the backup was taken, Helm revision ${newest.revision} was ${newest.status}: an operation was under way, or had been cut off`;
  return [
    helm.action === 'create-history' ? `${what}; it will be marked failed, so that Helm can go on` : what,
  ];
}

function planRecord(
  backup: HelmRevision[],
  live: HelmRevision[],
  now: Date,
): { helm: PlannedHelm; refusals: string[]; warnings: string[] } {
  const wanted = effectiveRevision(backup);
  const newest = newestRevision(live);
  if (wanted === undefined) return { helm: { action: 'none' }, refusals: [], warnings: [] };
  if (newest === undefined) {
    const revisions = backup.map(({ revision }) => revision);
    return { helm: { action: 'create-history', revisions }, refusals: [], warnings: [] };
  }
  const kept = newestRevision(backup)!;
  const isSame = isAsRestored(kept, newest) || (newest.status === 'deployed' && sameContent(newest, wanted));
  if (isSame && wrongLabels(newest).length === 0 && !hasOlderDeployed(newest, live)) {
    return { helm: { action: 'keep', revision: newest.revision }, refusals: [], warnings: [] };
  }
  const isPart = live.every((revision) => backup.some((kept) => isLeftByRestore(kept, revision)));
  if (isPart) {
    // A restore that was cut off wrote these, and the history is completed; or Helm was cut off before the backup, and
    // what it left pending is in its way since.
    const isSince = sameRevision(kept, newest);
    return {
      helm: { action: 'create-history', revisions: backup.map(({ revision }) => revision) },
      refusals: isSince ? atWork(newest, now).refusals : [],
      warnings: [],
    };
  }
  const pending = live.filter(isPending);
  const helm: PlannedHelm = {
    action: 'new-revision',
    revision: newest.revision + 1,
    from: wanted.revision,
    superseded: live.filter(({ status }) => status === 'deployed').map(({ revision }) => revision),
    failed: pending.map(({ revision }) => revision),
  };
  const advice = live.map((revision) => atWork(revision, now));
  return {
    helm,
    refusals: advice.flatMap(({ refusals }) => refusals),
    warnings: advice.flatMap(({ warnings }) => warnings),
  };
}

/** Whether whoever deployed the newest one, a restore or Helm, was cut off before the one before it was closed. */
function hasOlderDeployed(newest: HelmRevision, live: HelmRevision[]): boolean {
  const isDeployed = ({ status }: HelmRevision): boolean => status === 'deployed';
  return isDeployed(newest) && live.some((revision) => revision !== newest && isDeployed(revision));
}

/** Whether a restore that was cut off, or whose rollout did not finish, wrote this of the backup's revision. */
function isLeftByRestore(kept: HelmRevision, live: HelmRevision): boolean {
  if (kept.revision !== live.revision) return false;
  const isHeld = live.status === 'pending-rollback' || live.status === 'failed';
  return sameRevision(kept, live) || (isHeld && sameOrigin(kept, live));
}

function isPending({ status }: HelmRevision): boolean {
  return status.startsWith('pending-');
}

/** Whether somebody may be at work on a revision: installing, upgrading, rolling back or uninstalling it. */
export function atWork(revision: HelmRevision, now: Date): { refusals: string[]; warnings: string[] } {
  if (!isBlocking(revision)) return { refusals: [], warnings: [] };
  const info = objectAt(revision.document, 'info') ?? {};
  const ms = now.getTime() - Date.parse(operationBegan(revision) ?? '');
  const ours = (stringAt(info, 'description') ?? '').endsWith('by memcached-backup');
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const age = Number.isNaN(ms) ? '' : ` for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  const what = `Helm revision ${revision.revision} has been ${revision.status}${age}`;
  if (!ours && mayBeAtWork(revision, now)) {
    const grace = `after ${AT_WORK_MS / 60_000} minutes it counts as abandoned`;
    return { refusals: [`${what}: somebody may be at work; ${grace}`], warnings: [] };
  }
  return { refusals: [], warnings: isPending(revision) ? [`${what}: it will be marked failed`] : [] };
}
