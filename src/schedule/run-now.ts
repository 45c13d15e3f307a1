import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { displayName, type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { jobFromCronJob } from '../model/schedule/job-from-cron-job.ts';

const MANAGER = 'memcached-backup';
/** Of a Job's name: its pods' labels hold it (k8s.io/apimachinery/pkg/util/validation, LabelValueMaxLength). */
const LONGEST_NAME = 63;

/**
 * Starts a run of the schedule now: the Job that `kubectl create job --from` makes, also where the schedule is suspended
 * or a run is under way.
 * @returns the Job as the server made it, with its uid.
 * @throws ApiError where it is refused; ToolError for a CronJob without a template.
 */
export async function startRun(
  kube: Pick<KubeClient, 'create'>,
  cronJob: KubeObject,
  now = new Date(),
): Promise<KubeObject> {
  const job = jobFromCronJob(cronJob, nameOfRun(nameOf(cronJob), now));
  if (job === undefined) {
    throw new ToolError(`${displayName(refOf(cronJob))} has no template of a Job`, {
      untouched: 'nothing was started',
    });
  }
  const made = await kube.create(job, { fieldManager: MANAGER });
  return { apiVersion: 'batch/v1', kind: 'Job', ...made };
}

/** "memcached-backup-run-20261129t101500z": no two of one second, and none of the controller's, which end in minutes. */
function nameOfRun(cronJob: string, now: Date): string {
  const suffix = `-run-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z`;
  return `${cronJob.slice(0, LONGEST_NAME - suffix.length).replace(/[-.]+$/, '')}${suffix}`;
}
