import { objectAt } from '../json/json.ts';
import { BY_HAND } from '../kubernetes/job.ts';
import { annotationsOf, type KubeObject, labelsOf, nameOf, refOf, uidOf } from '../kubernetes/object.ts';

/**
 * The Job that `kubectl create job NAME --from=cronjob/…` makes (k8s.io/kubectl/pkg/cmd/create/create_job.go): the
 * CronJob's template, owned by it, with the mark of one that was started by hand. The owner is no blocking one, which
 * would take permission on cronjobs/finalizers.
 * @returns undefined where the CronJob has no template, or no uid to be owned by.
 */
export function jobFromCronJob(cronJob: KubeObject, name: string): KubeObject | undefined {
  const template = objectAt(cronJob, 'spec', 'jobTemplate');
  const spec = objectAt(template, 'spec');
  const uid = uidOf(cronJob);
  if (template === undefined || spec === undefined || uid === undefined) return undefined;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: refOf(cronJob).namespace ?? '',
      labels: labelsOf(template),
      annotations: { ...annotationsOf(template), [BY_HAND]: 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: nameOf(cronJob), uid, controller: true },
      ],
    },
    spec,
  };
}
