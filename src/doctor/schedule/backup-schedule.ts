import { arrayAt, type JsonObject, objectAt, stringAt } from '../../model/json/json.ts';
import { type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { controllerUid, podTemplateOf } from '../../model/kubernetes/workload.ts';
import { type BackupMaker, backupMaker } from '../../model/schedule/backup-cronjob.ts';
import type { ExaminedRelease } from '../doctor-context.ts';

/** A CronJob that backs memcached up, with the Jobs that came from it. */
export interface BackupSchedule {
  cronJob: KubeObject;
  maker: BackupMaker;
  /** The newest first; those that were started by hand (`kubectl create job --from`) are among them. */
  jobs: KubeObject[];
  /** The release that it concerns, where only one can be meant. */
  release?: { namespace: string; name: string };
}

/** The CronJobs that back memcached up. */
export function backupSchedules(
  cronJobs: readonly KubeObject[],
  jobs: readonly KubeObject[],
  releases: readonly Pick<ExaminedRelease, 'namespace' | 'name'>[],
): BackupSchedule[] {
  return cronJobs.flatMap((cronJob) => {
    const here = releases.filter(({ namespace }) => namespace === refOf(cronJob).namespace);
    const maker = backupMaker(
      cronJob,
      here.map(({ name }) => name),
    );
    if (maker === undefined) return [];
    const [release, ...others] = here;
    const only = release === undefined || others.length > 0 ? {} : { release: refOfRelease(release) };
    return [{ cronJob, maker, jobs: jobsOf(cronJob, jobs), ...only }];
  });
}

function refOfRelease({ namespace, name }: Pick<ExaminedRelease, 'namespace' | 'name'>): {
  namespace: string;
  name: string;
} {
  return { namespace, name };
}

/** The Jobs of a CronJob, the newest first. */
export function jobsOf(cronJob: KubeObject, jobs: readonly KubeObject[]): KubeObject[] {
  return newestFirst(
    jobs.filter((job) =>
      arrayAt(job, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === uidOf(cronJob)),
    ),
  );
}

/**
 * A Job's pods, the newest first; those that are being deleted left out: how a pod ends that the Job controller
 * stops says nothing of why it was stopped.
 */
export function podsOfJob(job: KubeObject, pods: readonly KubeObject[]): KubeObject[] {
  return newestFirst(
    pods.filter(
      (pod) =>
        controllerUid(pod) === uidOf(job) && stringAt(pod, 'metadata', 'deletionTimestamp') === undefined,
    ),
  );
}

export function createdAt(object: KubeObject): string {
  return stringAt(object, 'metadata', 'creationTimestamp') ?? '';
}

function newestFirst(objects: KubeObject[]): KubeObject[] {
  return objects.toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
}

/** The PodSpec of a CronJob, a Job or a pod. */
export function podSpecOf(object: KubeObject): JsonObject {
  return objectAt(podTemplateOf(object), 'spec') ?? objectAt(object, 'spec') ?? {};
}
