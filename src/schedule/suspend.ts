import type { KubeClient } from '../kube/client.ts';
import { numberAt, stringAt, valueAt } from '../model/json/json.ts';
import { type KubeObject, refOf, uidOf } from '../model/kubernetes/object.ts';
import { type CronSchedule, readSchedule } from '../model/schedule/cron-schedule.ts';
import { FIELD_MANAGER } from './plan-schedule.ts';

/** What came of it. */
export interface Suspension {
  /** False: it was so already. */
  changed: boolean;
  /** When a run is due next, were it not suspended; undefined: never. */
  next: Date | undefined;
  /** A due time that was passed over while the schedule was suspended, and that the controller makes up for at once. */
  madeUpFor: Date | undefined;
}

/**
 * Suspends a schedule or resumes it. What runs already goes on. RBAC: patch on cronjobs.
 * @throws ApiError, where somebody made another of its name meanwhile, too.
 */
export async function setSuspended(
  kube: Pick<KubeClient, 'patch'>,
  cronJob: KubeObject,
  suspend: boolean,
  now: Date,
): Promise<Suspension> {
  const schedule = await readSchedule(cronJob);
  const changed = (valueAt(cronJob, 'spec', 'suspend') === true) !== suspend;
  if (changed) {
    await kube.patch(
      refOf(cronJob),
      [
        { op: 'test', path: '/metadata/uid', value: uidOf(cronJob) ?? '' },
        // Also where the field is not there.
        { op: 'add', path: '/spec/suspend', value: suspend },
      ],
      { fieldManager: FIELD_MANAGER },
    );
  }
  return {
    changed,
    next: schedule?.next(now),
    madeUpFor: changed && !suspend ? madeUpFor(cronJob, schedule, now) : undefined,
  };
}

/**
 * "If a CronJob is suspended, the executions that are missed count as missed jobs. When it is resumed without a starting
 * deadline, or within it, the missed job is scheduled immediately" (Kubernetes, "CronJob: schedule suspension").
 */
function madeUpFor(cronJob: KubeObject, schedule: CronSchedule | undefined, now: Date): Date | undefined {
  const [due] = schedule?.previous(1, now) ?? [];
  if (due === undefined) return undefined;
  const deadline = numberAt(cronJob, 'spec', 'startingDeadlineSeconds');
  const since = Date.parse(
    stringAt(cronJob, 'status', 'lastScheduleTime') ??
      stringAt(cronJob, 'metadata', 'creationTimestamp') ??
      '',
  );
  const isLate = deadline !== undefined && now.getTime() - due.getTime() > deadline * 1000;
  return isLate || due.getTime() <= since ? undefined : due;
}
