import {
  effectiveRevision,
  type HelmRevision,
  newestRevision,
  sameContent,
  sameOrigin,
  sameRevision,
} from '../model/helm-release.ts';
import { stringAt } from '../model/json.ts';
import type { PlannedHelm } from '../model/plan.ts';

/** How long a pending revision is taken for somebody at work. */
const PENDING_GRACE_MS = 10 * 60_000;

/** How a restore describes its revision in `helm history`; also tells an interrupted restore from a stranger's work. */
export function restoreDescription(backupId: string): string {
  return `Restored from backup ${backupId} by memcached-backup`;
}

/**
 * What happens to Helm's record. The live revision installs what the backup's does: nothing, the objects alone
 * had moved.
 * Moved on or reinstalled: one new revision above all others. No history: the backup's, revision by revision.
 */
export function planHelm(
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
  const unmoved = sameRevision(newest, newestRevision(backup)!);
  if (unmoved || (newest.status === 'deployed' && sameContent(newest, wanted))) {
    return { helm: { action: 'keep', revision: newest.revision }, refusals: [], warnings: [] };
  }
  const isPart = live.every((revision) =>
    backup.some((kept) => kept.revision === revision.revision && sameOrigin(kept, revision)),
  );
  if (isPart) {
    // A restore that was cut off wrote these: the history is completed.
    return {
      helm: { action: 'create-history', revisions: backup.map(({ revision }) => revision) },
      refusals: [],
      warnings: [],
    };
  }
  const pending = live.filter(({ status }) => status.startsWith('pending-'));
  const helm: PlannedHelm = {
    action: 'new-revision',
    revision: newest.revision + 1,
    from: wanted.revision,
    superseded: live.filter(({ status }) => status === 'deployed').map(({ revision }) => revision),
    failed: pending.map(({ revision }) => revision),
  };
  return { helm, ...pendingAdvice(pending, now) };
}

function pendingAdvice(pending: HelmRevision[], now: Date): { refusals: string[]; warnings: string[] } {
  const refusals: string[] = [];
  const warnings: string[] = [];
  for (const revision of pending) {
    const since = Date.parse(stringAt(revision.document, 'info', 'last_deployed') ?? '');
    const ours = (stringAt(revision.document, 'info', 'description') ?? '').endsWith('by memcached-backup');
    const minutes = Math.max(0, Math.floor((now.getTime() - since) / 60_000));
    const what = `Helm revision ${revision.revision} is ${revision.status} since ${minutes} minutes`;
    if (!ours && now.getTime() - since < PENDING_GRACE_MS) {
      refusals.push(
        `${what}: somebody may be at work; after ${PENDING_GRACE_MS / 60_000} minutes it counts as abandoned`,
      );
    } else {
      warnings.push(`${what}: it will be marked failed`);
    }
  }
  return { refusals, warnings };
}
