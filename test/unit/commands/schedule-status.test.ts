import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  scheduleColumns,
  scheduleData,
  scheduleRemarks,
} from '../../../src/commands/schedule-status-view.ts';
import type { ScheduledRun } from '../../../src/model/schedule/run-history.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { toPrettyJson } from '../../../src/output/print.ts';
import { formatTable } from '../../../src/output/table.ts';
import type { DrillStatus, ScheduleStatus } from '../../../src/schedule/schedule-status.ts';
import { assertDocumented } from '../../support/documented-output.ts';
import { assertGolden } from '../golden.ts';

const NOW = new Date('2026-11-26T21:00:00Z');

function run(day: number, changes: Partial<ScheduledRun> = {}): ScheduledRun {
  const startedAt = new Date(`2026-11-${day}T01:00:00Z`);
  return {
    job: `memcached-backup-${day}`,
    byHand: false,
    outcome: 'succeeded',
    startedAt,
    endedAt: new Date(startedAt.getTime() + 4000),
    reason: '',
    message: '',
    told: undefined,
    location: 'pvc://cache/backups',
    ...changes,
  };
}

function aStatus(changes: Partial<ScheduleStatus> = {}): ScheduleStatus {
  return {
    namespace: 'cache',
    name: 'memcached-backup',
    cron: '0 2 * * *',
    timeZone: 'Europe/Berlin',
    suspended: false,
    next: new Date('2026-11-27T01:00:00Z'),
    runs: [run(26), run(25), run(24)],
    said: 'saved 2 backups, 48 KiB, in 2.1 s',
    failure: undefined,
    troubles: [],
    store: {
      location: 'pvc://cache/backups',
      unread: undefined,
      backup: {
        namespace: 'cache',
        release: 'cart',
        id: '20261126T010002Z',
        at: new Date('2026-11-26T01:00:02Z'),
        location: 'pvc://cache/backups/3f6c2a10/cache/cart/20261126T010002Z',
        bytes: 48_211,
        verifiedAt: '2026-11-26T01:00:03Z',
      },
      agreement: { verdict: 'agrees', job: 'memcached-backup-26' },
    },
    drill: undefined,
    ...changes,
  };
}

const FAILED = run(26, {
  outcome: 'failed',
  reason: 'BackoffLimitExceeded',
  message: 'has reached the limit',
});
const DRILL: DrillStatus = {
  cronJob: 'memcached-backup-drill',
  cron: '0 4 1 */3 *',
  suspended: false,
  next: new Date('2027-01-01T03:00:00Z'),
  into: 'cache-drill',
  lastRun: run(20, { job: 'memcached-backup-drill-1' }),
  lastSuccess: '2026-11-20T03:00:40Z',
};
const ROWS = [
  aStatus({ drill: DRILL }),
  aStatus({
    name: 'failing',
    drill: { ...DRILL, lastRun: run(20, { job: 'drill-2', outcome: 'failed', reason: 'PodFailurePolicy' }) },
    runs: [FAILED, run(25), run(24)],
    failure: {
      job: FAILED.job,
      at: FAILED.endedAt,
      cause: "error: can't write to the store s3://b: access denied",
    },
  }),
  aStatus({
    name: 'never-fires',
    runs: [run(26, { job: 'never-fires-run', byHand: true })],
    troubles: [{ code: 'MB208', severity: 'fail', summary: 'a run was due and no Job was started' }],
  }),
  aStatus({
    name: 'suspended',
    drill: { ...DRILL, suspended: true, lastRun: undefined, lastSuccess: undefined },
    suspended: true,
    troubles: [{ code: 'MB202', severity: 'fail', summary: 'is suspended, so that nothing is backed up' }],
    store: { ...aStatus().store, agreement: { verdict: 'newer', at: new Date('2026-11-26T12:00:00Z') } },
  }),
  aStatus({
    name: 'elsewhere',
    timeZone: undefined,
    said: '',
    runs: [run(26, { outcome: 'running', endedAt: undefined }), run(25)],
    store: {
      ...aStatus().store,
      backup: undefined,
      agreement: { verdict: 'missing', job: 'memcached-backup-25', releases: ['cart'] },
    },
  }),
  aStatus({
    name: 'new',
    next: undefined,
    runs: [],
    said: '',
    troubles: [{ code: 'MB203', severity: 'note', summary: 'has not made a backup yet' }],
    store: { location: 's3://b/p', unread: 'connect ECONNREFUSED', backup: undefined, agreement: undefined },
  }),
  aStatus({
    name: 'jobs-unseen',
    runs: undefined,
    said: '',
    store: { ...aStatus().store, agreement: undefined },
  }),
  aStatus({
    name: 'unseen',
    runs: undefined,
    said: '',
    store: {
      location: undefined,
      unread: "where it is can be told in the schedule's pod alone",
      backup: undefined,
      agreement: undefined,
    },
  }),
];

test('as a table, with every column, and what is said beside it', () => {
  const table = (wide: boolean, all: boolean, columns?: number) =>
    formatTable(ROWS, scheduleColumns(NOW, all), { wide, headers: true, columns });
  assertGolden('schedule/status.txt', table(false, false));
  assertGolden('schedule/status-all.txt', table(false, true));
  assertGolden('schedule/status-wide.txt', table(true, false));
  assertGolden('schedule/status-80-columns.txt', table(false, false, 80) + table(false, true, 80));
  const remarks = ROWS.flatMap((row) => scheduleRemarks(row, NOW, 'Asia/Tokyo'));
  assertGolden(
    'schedule/status-remarks.txt',
    remarks.map(({ text, isWarning }) => `${isWarning ? 'Warning: ' : ''}${text}\n`).join(''),
  );
});

test('as JSON', () => {
  const list = envelope('ScheduleStatusList', { items: ROWS.map(scheduleData) });
  assertGolden('schedule/status.json', toPrettyJson(assertDocumented(list)));
});

test('whatever is wrong is a warning, and what is in order is none', () => {
  const warned = (name: string): boolean =>
    scheduleRemarks(ROWS.find((row) => row.name === name)!, NOW).some(({ isWarning }) => isWarning);
  assert.deepEqual(
    ROWS.map(({ name }) => [name, warned(name)]),
    [
      ['memcached-backup', false],
      ['failing', true],
      ['never-fires', true],
      ['suspended', true],
      ['elsewhere', true],
      ['new', true],
      ['jobs-unseen', false],
      ['unseen', true],
    ],
  );
});
