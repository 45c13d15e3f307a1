import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HeldDrills, judgeDrills } from '../../../../src/doctor/schedule/drills.ts';
import { readSchedule } from '../../../../src/model/schedule/cron-schedule.ts';
import { aDrillReport } from '../../model/records/a-drill-report.ts';
import { spelled } from '../../spelled.ts';
import { aCronJob, aJob } from './objects.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
const SPEC = { schedule: '0 4 1 */3 *' };
const STATUS = { lastScheduleTime: '2026-10-01T04:00:00Z', lastSuccessfulTime: '2026-10-01T04:00:40Z' };
const FAILED = aJob({
  name: 'drill-1',
  end: { type: 'Failed', at: '2026-10-01T04:01:00Z', reason: 'BackoffLimitExceeded' },
});

async function judged(facts: Partial<HeldDrills> = {}) {
  const cronJob = facts.cronJob ?? aCronJob({ spec: SPEC, status: STATUS });
  const schedule = await readSchedule(cronJob);
  return judgeDrills({ cronJob, jobs: [], schedule, reports: [], now: NOW, ...facts });
}

async function codes(facts: Partial<HeldDrills> = {}): Promise<string[]> {
  return (await judged(facts)).map(({ code }) => code);
}

describe('the drills of a schedule', () => {
  test('that passed this quarter: nothing', async () => {
    const passed = aJob({ name: 'drill-2', end: { type: 'Complete', at: '2026-10-01T04:00:40Z' } });
    assert.deepEqual(await codes(), []);
    assert.deepEqual(await codes({ jobs: [passed, FAILED] }), []);
    assert.deepEqual(await codes({ jobs: [aJob({ name: 'under-way' }), passed] }), []);
  });

  test('one that failed, with what its reports say, and what to look at', async () => {
    const reports = [
      aDrillReport(),
      aDrillReport({ release: 'users', outcome: 'failed', failure: 'a pod is not ready' }),
    ];
    const [finding, ...others] = await judged({ jobs: [FAILED], reports });
    assert.equal(finding?.code, 'MB260');
    assert.equal(finding.summary, 'held a drill that did not pass');
    assert.deepEqual(
      finding.evidence.map(({ text }) => text),
      ['BackoffLimitExceeded', 'users: the drill 20261130T001330Z failed after 5.1 s: a pod is not ready'],
    );
    assert.match(spelled(finding.advice[0]!), /^kubectl logs job\/drill-1 -n cache$/);
    assert.match(spelled(finding.advice[1]!), /create job --from=cronjob\/memcached-backup/);
    assert.deepEqual(others, []);
    const late = await judged({ jobs: [FAILED], reports: [aDrillReport({ met: false, seconds: 1200 })] });
    assert.equal(late[0]?.summary, 'held a drill that missed its target');
  });

  test('none for two due times: that, and that they are suspended; one that was missed is not enough', async () => {
    const status = { ...STATUS, lastSuccessfulTime: '2026-07-01T04:00:40Z' };
    assert.deepEqual(await codes({ cronJob: aCronJob({ spec: SPEC, status }) }), []);
    const before = { ...STATUS, lastSuccessfulTime: '2026-06-30T04:00:40Z' };
    const cronJob = aCronJob({ spec: { ...SPEC, suspend: true }, status: before });
    const [finding] = await judged({ cronJob });
    assert.equal(finding?.code, 'MB261');
    assert.deepEqual(
      finding.evidence.map(({ text }) => text),
      ['the last drill that passed', 'spec.suspend: true'],
    );
    assert.deepEqual(await codes({ cronJob: aCronJob({ spec: SPEC, created: '2026-08-01T00:00:00Z' }) }), []);
    assert.deepEqual(await codes({ cronJob: aCronJob({ spec: SPEC }) }), ['MB261']);
  });

  test('that are never due', async () => {
    const cronJob = aCronJob({ spec: { schedule: '0 2 30 2 *' }, created: NOW.toISOString() });
    const [finding] = await judged({ cronJob });
    assert.equal(finding?.code, 'MB261');
    assert.match(finding.summary, /is never due/);
  });
});
