import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { durationOf, runsOf, successRate } from '../../../../src/model/schedule/run-history.ts';
import { aCronJob, aJob } from '../../doctor/schedule/objects.ts';

const BY_HAND = { 'cronjob.kubernetes.io/instantiate': 'manual' };

function job(day: number, end?: 'Complete' | 'Failed', annotations = {}) {
  const date = `2026-11-${day}`;
  return aJob({
    name: `run-${day}`,
    started: `${date}T02:00:00Z`,
    annotations,
    ...(end === undefined ? {} : { end: { type: end, at: `${date}T02:00:12Z`, reason: `${end}Reason` } }),
  });
}

describe('the runs that are kept', () => {
  test('the newest first, with how long they took; strangers and suspended Jobs are none', () => {
    const stranger = { ...job(25, 'Complete'), metadata: { name: 'other', ownerReferences: [] } };
    const suspended = aJob({ name: 'held', spec: { suspend: true } });
    const runs = runsOf(aCronJob(), [job(24, 'Failed'), suspended, job(26), stranger, job(25, 'Complete')]);
    assert.deepEqual(
      runs.map((run) => [run.job, run.outcome, durationOf(run), run.byHand]),
      [
        ['run-26', 'running', undefined, false],
        ['run-25', 'succeeded', 12_000, false],
        ['run-24', 'failed', 12_000, false],
      ],
    );
    assert.equal(runs[2]?.reason, 'FailedReason');
  });

  test('one that has not been started yet is the newest', () => {
    const { status: _, ...made } = aJob({ name: 'made' });
    const runs = runsOf(aCronJob(), [
      { ...made, metadata: { name: 'made', ownerReferences: [{ uid: 'cron' }] } },
      job(25),
    ]);
    assert.equal(runs[0]?.job, 'made');
  });
});

describe('the success rate', () => {
  test('counts what the schedule started and what has ended', () => {
    const jobs = [job(20, 'Complete'), job(21, 'Complete'), job(22, 'Failed'), job(23)];
    assert.deepEqual(successRate(runsOf(aCronJob(), jobs)), { succeeded: 2, ended: 3 });
  });

  test('runs by hand make no schedule successful that never worked', () => {
    const jobs = [job(20, 'Failed'), job(21, 'Complete', BY_HAND), job(22, 'Complete', BY_HAND)];
    assert.deepEqual(successRate(runsOf(aCronJob(), jobs)), { succeeded: 0, ended: 1 });
    const [byHand] = runsOf(aCronJob(), [job(21, 'Complete', BY_HAND)]);
    assert.equal(byHand?.byHand, true);
  });
});
