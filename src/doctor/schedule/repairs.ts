import type { Repair } from '../../model/findings/finding.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import {
  displayName,
  type KubeObject,
  labelsOf,
  nameOf,
  refOf,
  uidOf,
} from '../../model/kubernetes/object.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';
import { jobFromCronJob } from '../../model/schedule/job-from-cron-job.ts';
import type { BackupRun } from './backup-run.ts';
import { type FieldChange, patchOf, withChanges } from './field-change.ts';

/**
 * Sets fields of a CronJob that this tool made, each as it was seen; nothing where somebody else made it, or would put it
 * back.
 */
export function setFields(
  { cronJob }: BackupRun,
  what: string,
  changes: readonly FieldChange[],
): { repair?: Repair } {
  if (!isScheduleOfTool(cronJob) || foreignManager(cronJob) !== undefined) return {};
  const operations = patchOf(cronJob, changes);
  return { repair: { what, steps: [{ action: 'patch', ref: refOf(cronJob), operations }] } };
}

/** The same, and the run that it went wrong for is made again with them. */
export function setAndRunAgain(
  run: BackupRun & { job: KubeObject },
  what: string,
  changes: readonly FieldChange[],
): { repair?: Repair } {
  const { repair } = setFields(run, what, changes);
  if (repair === undefined) return {};
  const again = runAgain({ ...run, cronJob: withChanges(run.cronJob, changes) }).repair;
  if (again === undefined) return { repair };
  return {
    repair: {
      what: `${what}, and run ${displayName(refOf(run.job))} again`,
      steps: [...repair.steps, ...again.steps],
    },
  };
}

/** Makes the service account that a schedule of this tool runs as, as an install does; its bindings are there or are not. */
export function makeAccount({ cronJob }: BackupRun, name: string): { repair?: Repair } {
  // One of another name is somebody else's to make.
  const isOwn = isScheduleOfTool(cronJob) && name === nameOf(cronJob);
  if (!isOwn || foreignManager(cronJob) !== undefined) return {};
  const { namespace = '' } = refOf(cronJob);
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels: labelsOf(cronJob) },
    automountServiceAccountToken: false,
  };
  return { repair: { what: `make serviceaccount/${name}`, steps: [{ action: 'create', object }] } };
}

/** Not where something would suspend it again. */
export function resume({ cronJob }: BackupRun): { repair?: Repair } {
  if (foreignManager(cronJob) !== undefined) return {};
  const operations = [
    { op: 'test', path: '/spec/suspend', value: true } as const,
    { op: 'replace', path: '/spec/suspend', value: false } as const,
  ];
  return {
    repair: {
      what: `resume ${displayName(refOf(cronJob))}`,
      steps: [{ action: 'patch', ref: refOf(cronJob), operations }],
    },
  };
}

/** Deletes the failed Job and makes it again by hand: for failures that may well be over. */
export function runAgain({ cronJob, job }: BackupRun & { job: KubeObject }): { repair?: Repair } {
  const uid = uidOf(job);
  const again = jobFromCronJob(cronJob, nameOf(job));
  if (foreignManager(cronJob) !== undefined || uid === undefined || again === undefined) return {};
  return {
    repair: {
      what: `delete the failed ${displayName(refOf(job))} and run it again`,
      steps: [
        { action: 'delete', ref: refOf(job), uid },
        { action: 'create', object: again },
      ],
    },
  };
}
