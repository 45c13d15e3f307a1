import type { Repair } from '../../model/findings/finding.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { CONTAINER } from '../../model/schedule/schedule-spec.ts';
import type { BackupRun } from './backup-run.ts';
import { podSpecOf } from './backup-schedule.ts';
import { setAndRunAgain } from './repairs.ts';

/**
 * Puts the image of the last run that succeeded back into a schedule of this tool, and runs it again: one that can't be pulled is mostly
 * a name that was mistyped. Nothing where that is the image already, or nobody knows of one.
 * @param jobs of the CronJob, the newest first.
 */
export function lastGoodImage(
  run: BackupRun & { job: KubeObject },
  jobs: readonly KubeObject[],
): { repair?: Repair } {
  const good = jobs.find((job) => endOfJob(job)?.type === 'Complete');
  const image = good && imageOf(good).image;
  const { image: now, at } = imageOf(run.cronJob);
  if (image === undefined || now === undefined || image === now) return {};
  const path = ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers', String(at), 'image'];
  return setAndRunAgain(run, `set the image of cronjob.batch/${nameOf(run.cronJob)} back to ${image}`, [
    { path, to: image },
  ]);
}

function imageOf(object: KubeObject): { image: string | undefined; at: number } {
  const containers = arrayAt(podSpecOf(object), 'containers');
  const at = containers.findIndex((container) => stringAt(container, 'name') === CONTAINER);
  return { image: stringAt(containers[at], 'image'), at };
}
