import type { Panel } from './dashboard-panel.ts';
import { oneOf } from './promql.ts';
import {
  age,
  failedSinceSuccess,
  lastDuration,
  nextRunIn,
  overdueFor,
  type PickedSchedules,
  RATE_WINDOW,
  runningFor,
  successRate,
  suspended,
} from './schedule-expressions.ts';
import { claimBytesUsed, claimInodesUsed, storeUsed } from './store-expressions.ts';
import { FULL_FROM, LATE_AFTER, type Thresholds } from './thresholds.ts';
import { metricName, type ToolMetric } from './tool-metrics.ts';

/** What is chosen on the dashboard. */
const CHOSEN: PickedSchedules = { namespace: '=~"$namespace"', name: '=~"$cronjob"' };
const SCHEDULE = '{{namespace}}/{{cronjob}}';
const RELEASE = '{{namespace}}/{{release}}';

/** The panels, a row each: what counts now, then how it came. @param claims that schedules keep backups on. */
export function dashboardRows(claims: readonly string[], thresholds: Thresholds): Panel[][] {
  return [now(thresholds), exceptions(), runs(thresholds), backups(), storage(claims)];
}

function now({ successRate: target, maxAge, maxDuration }: Thresholds): Panel[] {
  return [
    {
      title: `Success rate, ${RATE_WINDOW.text}`,
      description: 'Of the runs that began in this time, those that succeeded. The target is 100%.',
      shows: 'now',
      unit: 'percentunit',
      queries: [{ expr: successRate(CHOSEN), legend: SCHEDULE }],
      turns: { at: target, bad: 'below' },
      width: 6,
    },
    {
      title: 'Since the last good backup',
      description: 'By a run of the schedule or by hand. Incomplete backups do not count.',
      shows: 'now',
      unit: 's',
      queries: [{ expr: age(CHOSEN), legend: SCHEDULE }],
      turns: { at: maxAge, bad: 'above' },
      width: 6,
    },
    {
      title: 'Duration of the last run',
      description: 'Of the last one that succeeded.',
      shows: 'now',
      unit: 's',
      queries: [{ expr: lastDuration(CHOSEN), legend: SCHEDULE }],
      turns: { at: maxDuration, bad: 'above' },
      width: 6,
    },
    {
      title: 'Next run in',
      description: 'Nothing while the schedule is suspended.',
      shows: 'now',
      unit: 's',
      queries: [{ expr: nextRunIn(CHOSEN), legend: SCHEDULE }],
      turns: { at: -LATE_AFTER, bad: 'below' },
      width: 6,
    },
  ];
}

function exceptions(): Panel[] {
  return [
    {
      title: 'Failed since the last success',
      description: 'Since when, where the newest run that ended failed; empty is good.',
      shows: 'now',
      unit: 's',
      queries: [{ expr: `time() - (${failedSinceSuccess(CHOSEN)})`, legend: SCHEDULE }],
      turns: { at: 0, bad: 'above' },
      width: 6,
    },
    {
      title: 'Overdue for',
      description: 'Below 0: until the next run. Runs by hand do not count.',
      shows: 'now',
      unit: 's',
      queries: [{ expr: overdueFor(CHOSEN), legend: SCHEDULE }],
      turns: { at: LATE_AFTER, bad: 'above' },
      width: 6,
    },
    {
      title: 'Suspended',
      description: 'No run starts while it is.',
      shows: 'now',
      unit: 'bool',
      queries: [{ expr: suspended(CHOSEN), legend: SCHEDULE }],
      turns: { at: 1, bad: 'above' },
      width: 6,
    },
    {
      title: 'Newest backup verified',
      description:
        'By memcached-backup verify, or --verify of the run. Pushed, or of the textfile collector.',
      shows: 'now',
      unit: 'bool',
      queries: [ofRelease('newest_verified')],
      turns: { at: 1, bad: 'below' },
      width: 6,
    },
  ];
}

function runs({ successRate: target, maxDuration }: Thresholds): Panel[] {
  return [
    {
      title: 'Success rate over time',
      description: `Of the runs of the last ${RATE_WINDOW.text}, at each moment.`,
      shows: 'over time',
      unit: 'percentunit',
      queries: [{ expr: successRate(CHOSEN), legend: SCHEDULE }],
      turns: { at: target, bad: 'below' },
      width: 12,
    },
    {
      title: 'Time to complete a backup',
      description: 'Of the last run that succeeded; of one that runs, so far.',
      shows: 'over time',
      unit: 's',
      queries: [
        { expr: lastDuration(CHOSEN), legend: SCHEDULE },
        { expr: runningFor(CHOSEN), legend: `${SCHEDULE} (runs)` },
      ],
      turns: { at: maxDuration, bad: 'above' },
      width: 12,
    },
  ];
}

function backups(): Panel[] {
  return [
    {
      title: 'Size of the newest backup',
      description: 'Pushed by runs, or of the textfile collector.',
      shows: 'over time',
      unit: 'bytes',
      queries: [ofRelease('newest_size_bytes')],
      width: 8,
    },
    {
      title: 'Objects in the newest backup',
      description: 'Pushed by runs, or of the textfile collector.',
      shows: 'over time',
      unit: 'short',
      queries: [ofRelease('newest_objects')],
      width: 8,
    },
    {
      title: 'Age of the newest backup',
      description: 'By release where runs push it or a textfile collector has it; by schedule always.',
      shows: 'over time',
      unit: 's',
      queries: [
        { expr: age(CHOSEN), legend: SCHEDULE },
        { expr: `time() - ${ofRelease('newest_timestamp_seconds').expr}`, legend: RELEASE },
      ],
      width: 8,
    },
  ];
}

function storage(claims: readonly string[]): Panel[] {
  const { namespace } = CHOSEN;
  const picked = { namespace, claim: oneOf(claims) };
  const byKubelet = [
    { expr: claimBytesUsed(picked), legend: '{{namespace}}/{{persistentvolumeclaim}}' },
    { expr: claimInodesUsed(picked), legend: '{{namespace}}/{{persistentvolumeclaim}} (inodes)' },
  ];
  return [
    {
      title: 'Storage in use',
      description:
        'By the kubelet, which tells of a claim only while a pod mounts it, and by what runs saw of their store and pushed.',
      shows: 'over time',
      unit: 'percentunit',
      queries: [
        ...(claims.length === 0 ? [] : byKubelet),
        { expr: storeUsed(namespace), legend: '{{namespace}} {{store}} (pushed)' },
      ],
      turns: { at: FULL_FROM, bad: 'above' },
      width: 12,
    },
    {
      title: 'Size of all backups',
      description: 'Of the textfile collector: status -o prometheus.',
      shows: 'over time',
      unit: 'bytes',
      queries: [{ expr: `max by (store) (${metricName('store_backups_size_bytes')})`, legend: '{{store}}' }],
      width: 12,
    },
  ];
}

/** The newest one of what was pushed and what a textfile collector has. */
function ofRelease(metric: ToolMetric): { expr: string; legend: string } {
  return {
    expr: `max by (namespace, release) (${metricName(metric)}{namespace${CHOSEN.namespace}})`,
    legend: RELEASE,
  };
}
