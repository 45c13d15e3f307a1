import { arrayAt, stringAt } from '../json/json.ts';
import { annotationsOf, type KubeObject } from './object.ts';

/** `kubectl create job --from` writes this with the value "manual" (k8s.io/kubectl/pkg/cmd/create/create_job.go). */
export const BY_HAND = 'cronjob.kubernetes.io/instantiate';

/** How a Job ended, as its condition says it. */
export interface JobEnd {
  type: 'Complete' | 'Failed';
  /** "BackoffLimitExceeded"; "" where there is none. */
  reason: string;
  message: string;
  /** RFC 3339. */
  at?: string;
}

/** How a Job ended; undefined while it runs. */
export function endOfJob(job: KubeObject): JobEnd | undefined {
  for (const condition of arrayAt(job, 'status', 'conditions')) {
    const type = stringAt(condition, 'type');
    if ((type !== 'Complete' && type !== 'Failed') || stringAt(condition, 'status') !== 'True') continue;
    const at = stringAt(condition, 'lastTransitionTime');
    return {
      type,
      reason: stringAt(condition, 'reason') ?? '',
      message: stringAt(condition, 'message') ?? '',
      ...(at === undefined ? {} : { at }),
    };
  }
  return undefined;
}

/** Whether somebody started it: its CronJob's controller does not reckon with such a Job ("UnexpectedJob"). */
export function isByHand(job: KubeObject): boolean {
  return annotationsOf(job)[BY_HAND] === 'manual';
}
