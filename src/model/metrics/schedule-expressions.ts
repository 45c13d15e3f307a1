import { oneOf, promqlString } from './promql.ts';

/**
 * What is known of schedules by the series of kube-state-metrics, which has them without extra configuration
 * (github.com/kubernetes/kube-state-metrics, docs/metrics/workload: cronjob-metrics, job-metrics; all of them STABLE). Each
 * expression gives at most one value a schedule, labelled `namespace` and `cronjob`, however many kube-state-metrics there are.
 */

/** Which schedules are meant: the matchers of the two labels, `="ops"` or `=~"$namespace"`. */
export interface PickedSchedules {
  namespace: string;
  name: string;
}

const BY_SCHEDULE = 'by (namespace, cronjob)';
const ON_SCHEDULE = 'on (namespace, cronjob)';
const BY_JOB = 'by (namespace, job_name)';
const ON_JOB = 'on (namespace, job_name)';

/** How far back runs count for their rate of success. */
export const RATE_WINDOW = { text: '7d', seconds: 7 * 86_400 };

export function pickOne({ namespace, name }: { namespace: string; name: string }): PickedSchedules {
  return { namespace: oneOf([namespace]), name: oneOf([name]) };
}

/** When the last successful run ended, whoever started it; absent before the first one. */
export function lastSuccess(picked: PickedSchedules): string {
  return `max ${BY_SCHEDULE} (${ofCronJob('kube_cronjob_status_last_successful_time', picked)})`;
}

export function age(picked: PickedSchedules): string {
  return `time() - ${lastSuccess(picked)}`;
}

/** Since when there is a schedule that never succeeded. */
export function neverSucceededFor(picked: PickedSchedules): string {
  return `time() - ${created(picked)} unless ${ON_SCHEDULE} ${lastSuccess(picked)}`;
}

function created(picked: PickedSchedules): string {
  return `max ${BY_SCHEDULE} (${ofCronJob('kube_cronjob_created', picked)})`;
}

/**
 * How long a run has been due that the schedule did not start: kube-state-metrics counts on from the last scheduled run, which a
 * run by hand does not move. A schedule that is never due (`0 2 31 2 *`) is late since the year 1. Absent while suspended.
 */
export function overdueFor(picked: PickedSchedules): string {
  return `time() - ${nextRun(picked)}`;
}

/** Seconds until the next run. */
export function nextRunIn(picked: PickedSchedules): string {
  return `${nextRun(picked)} - time()`;
}

/** kube-state-metrics has none of a schedule that is suspended (internal/store/cronjob.go). */
function nextRun(picked: PickedSchedules): string {
  return `max ${BY_SCHEDULE} (${ofCronJob('kube_cronjob_next_schedule_time', picked)})`;
}

export function suspended(picked: PickedSchedules): string {
  return `max ${BY_SCHEDULE} (${ofCronJob('kube_cronjob_spec_suspend', picked)})`;
}

/**
 * The newest run that failed, by when it was made, where none succeeded since; absent otherwise. The first run of an install is
 * made in the second of its CronJob.
 */
export function failedSinceSuccess(picked: PickedSchedules): string {
  const failed = `${ofJobs('kube_job_created', picked)} and ${ON_JOB} ${ended('failed', picked)}`;
  const newest = `max ${BY_SCHEDULE} (${ofSchedules(`max ${BY_JOB} (${failed})`, picked)})`;
  return `${newest} >= ${ON_SCHEDULE} (${lastSuccess(picked)} or ${ON_SCHEDULE} ${created(picked)})`;
}

/** Seconds that the newest successful run took, from its start to its end. */
export function lastDuration(picked: PickedSchedules): string {
  const end = ofJobs('kube_job_status_completion_time', picked);
  const took = ofSchedules(
    `max ${BY_JOB} (${end} - ${ofJobs('kube_job_status_start_time', picked)})`,
    picked,
  );
  const newest = `${ofSchedules(`max ${BY_JOB} (${end})`, picked)} >= ${ON_SCHEDULE} group_left () ${lastSuccess(picked)}`;
  return `max ${BY_SCHEDULE} (${took} and ${ON_JOB} (${newest}))`;
}

/** Seconds since the start of a run that did not end. */
export function runningFor(picked: PickedSchedules): string {
  const over = `(${ended('complete', picked)} or ${ended('failed', picked)})`;
  const running = `time() - ${ofJobs('kube_job_status_start_time', picked)} unless ${ON_JOB} ${over}`;
  return `max ${BY_SCHEDULE} (${ofSchedules(`max ${BY_JOB} (${running})`, picked)})`;
}

/**
 * The share of runs that succeeded, of those that began within the window. It counts Jobs that are cleaned up meanwhile, and so
 * does not depend on how many a CronJob keeps.
 */
export function successRate(picked: PickedSchedules): string {
  const range = `[${RATE_WINDOW.text}]`;
  const last = (series: string): string => `last_over_time(${series}${range})`;
  const of = (what: 'complete' | 'failed'): string =>
    `(${last(ofJobs(`kube_job_${what}`, picked, ',condition="true"'))} == 1)`;
  const ends = `max ${BY_JOB} (${of('complete')} or 0 * ${of('failed')})`;
  const recent = `${last(ofJobs('kube_job_created', picked))} > time() - ${RATE_WINDOW.seconds}`;
  return `avg ${BY_SCHEDULE} (${ofSchedules(`(${ends} and ${ON_JOB} ${recent})`, picked, range)})`;
}

/** 1 where nobody sees the schedule: it is gone, or kube-state-metrics is not there to tell. */
export function unseen(picked: PickedSchedules): string {
  return `absent(${ofCronJob('kube_cronjob_info', picked)})`;
}

/** `value`, one a Job, with the schedule that the Job came from, also one that was made by hand (`kubectl create job --from`). */
function ofSchedules(value: string, picked: PickedSchedules, range = ''): string {
  const owner = `kube_job_owner{namespace${picked.namespace},owner_kind="CronJob",owner_name${picked.name}}${range}`;
  const seen = range === '' ? owner : `last_over_time(${owner})`;
  const named = `label_replace(${seen}, "cronjob", ${promqlString('$1')}, "owner_name", "(.+)")`;
  return `${value} * ${ON_JOB} group_left (cronjob) max by (namespace, job_name, cronjob) (${named})`;
}

function ended(how: 'complete' | 'failed', picked: PickedSchedules): string {
  return `${ofJobs(`kube_job_${how}`, picked, ',condition="true"')} == 1`;
}

function ofCronJob(series: string, { namespace, name }: PickedSchedules): string {
  return `${series}{namespace${namespace},cronjob${name}}`;
}

function ofJobs(series: string, { namespace }: PickedSchedules, more = ''): string {
  return `${series}{namespace${namespace}${more}}`;
}
