import { arrayAt, stringAt, valueAt } from '../json/json.ts';
import { endOfJob, isByHand } from '../kubernetes/job.ts';
import { type KubeObject, nameOf, uidOf } from '../kubernetes/object.ts';
import { type ScheduledBackup, scheduledBackup } from './scheduled-backup.ts';
import { scheduledStore } from './scheduled-store.ts';

/** One run of a schedule, as its Job tells it. */
export interface ScheduledRun {
  /** The Job's name. */
  job: string;
  /** Somebody started it (`schedule run`, `kubectl create job --from`): it says nothing of whether the schedule fires. */
  byHand: boolean;
  outcome: 'succeeded' | 'failed' | 'running';
  startedAt: Date | undefined;
  /** Undefined while it runs. */
  endedAt: Date | undefined;
  /** Of the condition that ended it; "" where there is none. */
  reason: string;
  message: string;
  /** What it was told to back up; the schedule may say something else by now. Undefined where that can't be read. */
  told: ScheduledBackup | undefined;
  /** Where it saved to; undefined where only its pod could tell. */
  location: string | undefined;
}

/** The runs that are kept of a CronJob (its history limits, and the Jobs' own time to live), the newest first. */
export function runsOf(cronJob: KubeObject, jobs: readonly KubeObject[]): ScheduledRun[] {
  return jobs
    .filter((job) => isOwned(job, cronJob) && valueAt(job, 'spec', 'suspend') !== true)
    .map(runOf)
    .toSorted((a, b) => (b.startedAt?.getTime() ?? Infinity) - (a.startedAt?.getTime() ?? Infinity));
}

function isOwned(job: KubeObject, cronJob: KubeObject): boolean {
  return arrayAt(job, 'metadata', 'ownerReferences').some(
    (owner) => stringAt(owner, 'uid') === uidOf(cronJob),
  );
}

function runOf(job: KubeObject): ScheduledRun {
  const end = endOfJob(job);
  return {
    job: nameOf(job),
    byHand: isByHand(job),
    outcome: end === undefined ? 'running' : end.type === 'Complete' ? 'succeeded' : 'failed',
    startedAt: dateOf(stringAt(job, 'status', 'startTime') ?? stringAt(job, 'metadata', 'creationTimestamp')),
    endedAt: end === undefined ? undefined : dateOf(stringAt(job, 'status', 'completionTime') ?? end.at),
    reason: end?.reason ?? '',
    message: end?.message ?? '',
    told: scheduledBackup(job),
    location: scheduledStore(job)?.location,
  };
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Milliseconds; undefined while it runs. */
export function durationOf({ startedAt, endedAt }: ScheduledRun): number | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  return Math.max(0, endedAt.getTime() - startedAt.getTime());
}

/** Of those runs that the schedule itself started and that have ended: hand-made ones hide a schedule that never works. */
export interface SuccessRate {
  succeeded: number;
  ended: number;
}

export function successRate(runs: readonly ScheduledRun[]): SuccessRate {
  const ended = runs.filter(({ byHand, outcome }) => !byHand && outcome !== 'running');
  return {
    succeeded: ended.filter(({ outcome }) => outcome === 'succeeded').length,
    ended: ended.length,
  };
}
