import { WORKLOAD_KINDS } from '../../model/kubernetes/workload.ts';

/** What may read a ConfigMap. */
export const READERS = [
  ...WORKLOAD_KINDS,
  ['batch/v1', 'CronJob'],
  ['batch/v1', 'Job'],
  ['v1', 'Pod'],
] as const;
