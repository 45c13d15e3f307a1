import { advice } from '../advice/advice.ts';
import { tool } from '../advice/command.ts';
import { createdAt } from '../doctor/schedule/backup-schedule.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { JOBS, PODS } from '../kube/resource-types.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../model/kubernetes/object.ts';
import { controllerUid } from '../model/kubernetes/workload.ts';
import { runsOf } from '../model/schedule/run-history.ts';
import { type RunPod, runPod } from './job-outcome.ts';

/**
 * A run of the schedule.
 * @param wanted a Job's name; the newest one where undefined.
 * @returns the Job.
 * @throws ToolError where there is none.
 */
export async function findRun(
  kube: Pick<KubeClient, 'list'>,
  cronJob: KubeObject,
  wanted: string | undefined,
): Promise<KubeObject> {
  const { namespace = '', name } = refOf(cronJob);
  const jobs = await kube.list(JOBS, { namespace });
  const runs = runsOf(cronJob, jobs);
  const run = wanted === undefined ? runs[0] : runs.find(({ job }) => job === wanted);
  const job = jobs.find((each) => nameOf(each) === run?.job);
  if (job !== undefined) return job;
  if (wanted !== undefined && runs.length > 0) {
    throw new ToolError(`job/${wanted} is no run of the schedule ${name}, or no longer kept`, {
      next: `name one of these, the newest first: ${runs.map((each) => each.job).join(', ')}`,
    });
  }
  throw new ToolError(`no run of the schedule ${name} is kept`, {
    next: advice`start one: ${tool('schedule', 'run', '-n', namespace, '--name', name)}`,
  });
}

/** The pods of a run, the newest first. */
export async function podsOfRun(kube: Pick<KubeClient, 'list'>, job: KubeObject): Promise<RunPod[]> {
  const { namespace = '', name } = refOf(job);
  const pods = await kube.list(PODS, { namespace, labelSelector: `job-name=${name}` });
  return pods
    .filter((pod) => controllerUid(pod) === uidOf(job))
    .toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1))
    .map(runPod);
}
