import { DEFAULT_NAME } from '../schedule/schedule-spec.ts';
import { drillsOlderThan, failedDrills, lateDrills } from './drill-expressions.ts';
import { oneOf } from './promql.ts';
import {
  age,
  failedSinceSuccess,
  lastDuration,
  neverSucceededFor,
  overdueFor,
  pickOne,
  RATE_WINDOW,
  runningFor,
  successRate,
  suspended,
  unseen,
} from './schedule-expressions.ts';
import { claimBytesUsed, claimInodesUsed, storeUsed } from './store-expressions.ts';
import { FULL_FROM, LATE_AFTER, type Thresholds } from './thresholds.ts';
import type { WatchedSchedule } from './watched-schedule.ts';

/** An alerting rule, as Prometheus reads it (prometheus.io/docs/prometheus/latest/configuration/alerting_rules). */
export interface AlertRule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: 'critical' | 'warning'; namespace: string; cronjob: string };
  annotations: {
    summary: string;
    description: string;
    /** A sentence that names the command to type. */
    runbook: string;
  };
}

/** One schedule's rules. */
export interface RuleGroup {
  name: string;
  rules: AlertRule[];
}

/** What is the same in one alert of every schedule. */
type Draft = Omit<AlertRule, 'labels'> & Pick<AlertRule['labels'], 'severity'>;

/**
 * The alerts of a schedule. No good backup pages: whatever the cause, it ends there. What fails, is late or slow warns, and ends
 * by itself with the next run that is as it should be.
 */
export function alertRules(schedule: WatchedSchedule, thresholds: Thresholds): RuleGroup {
  const { namespace, name } = schedule;
  const drafts = [
    ...ofAge(schedule, thresholds),
    ...ofRuns(schedule, thresholds),
    ...ofSchedule(schedule),
    ofStore(schedule),
    ...ofDrills(schedule, thresholds),
  ];
  return {
    name: `memcached-backup/${namespace}/${name}`,
    rules: drafts.map(({ severity, ...draft }) => ({
      alert: draft.alert,
      expr: draft.expr,
      for: draft.for,
      labels: { severity, namespace, cronjob: name },
      annotations: draft.annotations,
    })),
  };
}

function ofAge(schedule: WatchedSchedule, { maxAge }: Thresholds): Draft[] {
  const picked = pickOne(schedule);
  const { where, status, doctor, run } = wordsFor(schedule);
  return [
    {
      alert: 'MemcachedBackupTooOld',
      severity: 'critical',
      expr: `${age(picked)} > ${maxAge}`,
      for: '5m',
      annotations: {
        summary: `No good memcached backup by ${where} for {{ $value | humanizeDuration }}`,
        description: `The last run of ${where} that succeeded, by schedule or by hand, ended {{ $value | humanizeDuration }} ago. An incomplete backup does not count.`,
        runbook: `See why with: ${doctor}; then take a backup now: ${run}`,
      },
    },
    {
      alert: 'MemcachedBackupNever',
      severity: 'critical',
      expr: `(${neverSucceededFor(picked)}) > ${maxAge}`,
      for: '5m',
      annotations: {
        summary: `${where} never took a good memcached backup`,
        description: `It was made {{ $value | humanizeDuration }} ago, and no run of it succeeded.`,
        runbook: `See what its runs say with: ${status}; what stands against them: ${doctor}; try again: ${run}`,
      },
    },
  ];
}

function ofRuns(schedule: WatchedSchedule, { maxDuration, successRate: target }: Thresholds): Draft[] {
  const picked = pickOne(schedule);
  const { where, status, logs, doctor, run } = wordsFor(schedule);
  return [
    {
      alert: 'MemcachedBackupFailed',
      severity: 'warning',
      expr: failedSinceSuccess(picked),
      for: '1m',
      annotations: {
        summary: `The last run of ${where} failed`,
        description: `A run that was made at {{ $value | humanizeTimestamp }} failed, and none succeeded since. It may have saved a backup that is not complete. The alert ends with the next run that succeeds.`,
        runbook: `See why with: ${status}, or its log: ${logs}; mend it and try again: ${run}`,
      },
    },
    {
      alert: 'MemcachedBackupSlow',
      severity: 'warning',
      // A filter on each side: `or` would drop what is running wherever there is a run that ended.
      expr: `${lastDuration(picked)} > ${maxDuration} or ${runningFor(picked)} > ${maxDuration}`,
      for: '1m',
      annotations: {
        summary: `A run of ${where} takes {{ $value | humanizeDuration }}`,
        description: `The newest run took, or takes already, longer than ${maxDuration} s. A pod that can't start, for want of a volume, say, counts.`,
        runbook: `See what it waits for with: ${status}; what stands against it: ${doctor}`,
      },
    },
    {
      alert: 'MemcachedBackupSuccessRate',
      severity: 'warning',
      expr: `${successRate(picked)} < ${target}`,
      for: '5m',
      annotations: {
        summary: `{{ $value | humanizePercentage }} of the runs of ${where} succeeded`,
        description: `Of the runs of the last ${RATE_WINDOW.text} fewer than ${percent(target)} succeeded.`,
        runbook: `See which failed, and why, with: ${status}; what stands against them: ${doctor}`,
      },
    },
  ];
}

function ofSchedule(schedule: WatchedSchedule): Draft[] {
  const picked = pickOne(schedule);
  const { where, status, doctor, resume, install } = wordsFor(schedule);
  return [
    {
      alert: 'MemcachedBackupMissed',
      severity: 'warning',
      expr: `${overdueFor(picked)} > ${LATE_AFTER}`,
      for: '5m',
      annotations: {
        summary: `${where} did not start a run that was due`,
        description: `A run was due {{ $value | humanizeDuration }} ago and did not start. Runs by hand don't count here; they keep MemcachedBackupTooOld silent.`,
        runbook: `See when it is due, and what keeps it, with: ${status}; what stands against it: ${doctor}`,
      },
    },
    {
      alert: 'MemcachedBackupSuspended',
      severity: 'warning',
      expr: `${suspended(picked)} == 1`,
      for: '1h',
      annotations: {
        summary: `${where} is suspended`,
        description: `No run starts until somebody resumes it.`,
        runbook: `Let it go on with: ${resume}`,
      },
    },
    {
      alert: 'MemcachedBackupScheduleGone',
      severity: 'critical',
      expr: unseen(picked),
      for: '15m',
      annotations: {
        summary: `${where} is not there`,
        description: `Nobody sees the CronJob: it was deleted, or Prometheus does not get the series of kube-state-metrics, and then no alert of this group can tell anything.`,
        runbook: `See whether it is there with: ${status}; make it again: ${install}`,
      },
    },
  ];
}

function ofStore(schedule: WatchedSchedule): Draft {
  const { where, doctor, prune } = wordsFor(schedule);
  const { namespace, claims } = schedule;
  const picked = { namespace: oneOf([namespace]), claim: oneOf(claims) };
  const byKubelet = claims.length === 0 ? [] : [claimBytesUsed(picked), claimInodesUsed(picked)];
  const full = [...byKubelet, storeUsed(picked.namespace)].map(
    (used) => `max by (namespace) (${used}) > ${FULL_FROM}`,
  );
  return {
    alert: 'MemcachedBackupStoreFilling',
    severity: 'warning',
    expr: full.join(' or '),
    for: '15m',
    annotations: {
      summary: `The store of ${where} is {{ $value | humanizePercentage }} full`,
      description: `By bytes or by inodes. A store that is full takes no backup.`,
      runbook: `See what takes the room with: ${doctor}; what could go: ${prune}`,
    },
  };
}

/** What was not practised is not known to work; that nothing can be restored is known to nobody, and so nobody is paged. */
function ofDrills(schedule: WatchedSchedule, { maxDrillAge }: Thresholds): Draft[] {
  const { where, statusOfReleases, drill } = wordsFor(schedule);
  const held =
    schedule.drills === undefined ? `in ${schedule.namespace}` : `by cronjob/${schedule.drills} (${where})`;
  return [
    {
      alert: 'MemcachedDrillTooOld',
      severity: 'warning',
      expr: drillsOlderThan(schedule, maxDrillAge),
      for: '1h',
      annotations: {
        summary: `No recovery of memcached was practised ${held} for {{ $value | humanizeDuration }}`,
        description: `The last drill that passed, within its target, began {{ $value | humanizeDuration }} ago, or there was none at all.`,
        runbook: `See how the last ones went with: ${statusOfReleases}; hold one now: ${drill}`,
      },
    },
    {
      alert: 'MemcachedDrillFailed',
      severity: 'warning',
      expr: failedDrills(schedule),
      for: '1m',
      annotations: {
        summary: `The last drill ${held} failed`,
        description: `A backup could not be restored and proved, or not within the target. The alert ends with the next drill that passes.`,
        runbook: `See why with: ${statusOfReleases}; mend it and hold another: ${drill}`,
      },
    },
    {
      alert: 'MemcachedDrillLate',
      severity: 'warning',
      expr: lateDrills(schedule),
      for: '1m',
      annotations: {
        summary: `The last drill of {{ $labels.release }} took {{ $value | humanizeDuration }}, more than its target`,
        description: `A recovery would take longer than was promised.`,
        runbook: `See what took the time with: ${statusOfReleases}; hold another: ${drill}`,
      },
    },
  ];
}

/** The schedule in a sentence, and the commands about it. */
function wordsFor({
  namespace,
  name,
}: WatchedSchedule): Record<
  | 'where'
  | 'status'
  | 'logs'
  | 'run'
  | 'resume'
  | 'install'
  | 'doctor'
  | 'prune'
  | 'drill'
  | 'statusOfReleases',
  string
> {
  const named = name === DEFAULT_NAME ? '' : ` --name ${name}`;
  const command = (words: string): string => `kubectl memcached-backup ${words} -n ${namespace}`;
  return {
    where: `cronjob/${name} in ${namespace}`,
    status: command(`schedule status${named}`),
    logs: command(`schedule logs${named}`),
    run: command(`schedule run${named}`),
    resume: command(`schedule resume${named}`),
    install: `${command(`schedule install${named}`)} --help`,
    doctor: command('doctor'),
    drill: command('drill --all'),
    statusOfReleases: `${command('status')} -o wide`,
    prune: `${command('prune --keep-within 30d')} --dry-run`,
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
