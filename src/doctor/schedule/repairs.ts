import type { Repair } from '../../model/findings/finding.ts';
import { objectAt } from '../../model/json/json.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import {
  annotationsOf,
  displayName,
  type KubeObject,
  labelsOf,
  nameOf,
  refOf,
  uidOf,
} from '../../model/kubernetes/object.ts';
import type { BackupRun } from './backup-run.ts';

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

/**
 * Deletes the failed Job and makes it again, as `kubectl create job --from` does
 * (k8s.io/kubectl/pkg/cmd/create/create_job.go): for failures that may well be over.
 */
export function runAgain({ cronJob, job }: BackupRun & { job: KubeObject }): { repair?: Repair } {
  const [uid, owner] = [uidOf(job), uidOf(cronJob)];
  const template = objectAt(cronJob, 'spec', 'jobTemplate');
  const spec = objectAt(template, 'spec');
  if (foreignManager(cronJob) !== undefined || template === undefined || spec === undefined) return {};
  if (uid === undefined || owner === undefined) return {};
  const { namespace = '' } = refOf(job);
  const again = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: nameOf(job),
      namespace,
      labels: labelsOf(template),
      annotations: { ...annotationsOf(template), 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: nameOf(cronJob), uid: owner, controller: true },
      ],
    },
    spec,
  };
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
