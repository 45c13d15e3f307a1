import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DueFacts, judgeDue, lastSuccess } from '../../../../src/doctor/schedule/due.ts';
import { readSchedule } from '../../../../src/model/schedule/cron-schedule.ts';
import { aCronJob, aJob, anEvent } from './objects.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
const ON_TIME = { lastScheduleTime: '2026-11-26T02:00:00Z', lastSuccessfulTime: '2026-11-26T02:00:30Z' };
const SUCCEEDED = aJob({ end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } });

async function judged(facts: Partial<DueFacts>) {
  const cronJob = facts.cronJob ?? aCronJob({ status: ON_TIME });
  const schedule = await readSchedule(cronJob);
  return judgeDue({ cronJob, jobs: [SUCCEEDED], events: [], now: NOW, schedule, ...facts });
}

async function codes(facts: Partial<DueFacts>): Promise<string[]> {
  return (await judged(facts)).map(({ code }) => code);
}

describe('whether a backup is due, starts and succeeds', () => {
  test('one that ran last night: nothing', async () => assert.deepEqual(await codes({}), []));

  test('suspended: that, and how old the last success is; not that runs are missed', async () => {
    const status = { lastScheduleTime: '2026-11-01T02:00:00Z', lastSuccessfulTime: '2026-11-01T02:01:00Z' };
    const cronJob = aCronJob({ spec: { suspend: true }, status });
    assert.deepEqual(await codes({ cronJob, jobs: [] }), ['MB202', 'MB206']);
  });

  test('a day that does not exist is named as such, whatever the controller calls it', async () => {
    const cronJob = aCronJob({ spec: { schedule: '0 0 31 6 *' } });
    const events = [
      anEvent('InvalidSchedule', 'time difference between two schedules is less than 1 second'),
    ];
    assert.deepEqual(await codes({ cronJob, jobs: [], events }), ['MB204']);
  });

  test('what the controller can’t use', async () => {
    for (const reason of ['UnparseableSchedule', 'UnknownTimeZone', 'InvalidSchedule'])
      assert.deepEqual(await codes({ events: [anEvent(reason, 'm')] }), ['MB205']);
  });

  test('what the controller said of a schedule or a zone that it had before is over', async () => {
    const events = (message: string) => ({ events: [anEvent('InvalidSchedule', message)] });
    const before = [
      'invalid schedule: 0 2 31 2 * : time difference between two schedules is less than 1 second',
      'unparseable schedule: "0 2 * * * *" : expected exactly 5 fields',
      'invalid timeZone: "Mars/Base": unknown time zone Mars/Base',
    ];
    for (const message of before) assert.ok(!(await codes(events(message))).includes('MB205'), message);
    assert.deepEqual(await codes(events('unparseable schedule: "0 2 * * *" : no')), ['MB205']);
  });

  describe('the last success', () => {
    const after = (lastSuccessfulTime: string) =>
      aCronJob({ status: { lastScheduleTime: ON_TIME.lastScheduleTime, lastSuccessfulTime } });

    test('two due times ago and more is too old', async () => {
      assert.deepEqual(await codes({ cronJob: after('2026-11-24T02:10:00Z'), jobs: [] }), ['MB206']);
    });

    test('after the last due time but one is not', async () => {
      assert.deepEqual(await codes({ cronJob: after('2026-11-25T02:10:00Z'), jobs: [] }), []);
    });

    test('a Complete Job counts where the CronJob does not say', async () => {
      const cronJob = aCronJob({ status: { lastScheduleTime: ON_TIME.lastScheduleTime } });
      assert.equal(lastSuccess({ cronJob, jobs: [SUCCEEDED] }), '2026-11-26T02:00:30Z');
      assert.deepEqual(await codes({ cronJob }), []);
    });

    test('never, of a CronJob that was due twice', async () => {
      const cronJob = aCronJob({ status: { lastScheduleTime: ON_TIME.lastScheduleTime } });
      const [finding] = await judged({ cronJob, jobs: [] });
      assert.equal(finding?.code, 'MB206');
      assert.match(finding?.summary ?? '', /never succeeded/);
    });

    test('never, of a CronJob that is new: worth a note, with the next due time', async () => {
      const [finding] = await judged({ cronJob: aCronJob({ created: '2026-11-26T08:00:00Z' }), jobs: [] });
      assert.equal(finding?.code, 'MB203');
      assert.match(finding?.summary ?? '', /2026-11-27T02:00:00/);
    });
  });

  describe('missed runs', () => {
    const lastStart = (time: string, spec = {}) =>
      aCronJob({ spec, status: { lastScheduleTime: time, lastSuccessfulTime: time } });

    test('a due time without a start', async () => {
      assert.deepEqual(await codes({ cronJob: lastStart('2026-11-25T02:00:00Z'), jobs: [] }), ['MB208']);
    });

    test('not while it is less than five minutes late', async () => {
      const now = new Date('2026-11-26T02:04:00Z');
      assert.deepEqual(await codes({ cronJob: lastStart('2026-11-25T02:00:00Z'), jobs: [], now }), []);
    });

    test('a controller that lives in another time zone is given a period more', async () => {
      // Two in Berlin; for us without a time zone it is two in UTC, and that is past by now.
      const cronJob = lastStart('2026-11-26T01:00:00Z');
      assert.deepEqual(await codes({ cronJob, jobs: [] }), []);
      const late = lastStart('2026-11-23T01:00:00Z');
      assert.deepEqual(await codes({ cronJob: late, jobs: [] }), ['MB208', 'MB206']);
    });

    test('what the controller says counts since the last start only', async () => {
      const missed = anEvent('MissSchedule', 'Missed scheduled time to start a job', '2026-11-26T02:00:01Z');
      assert.deepEqual(await codes({ events: [missed] }), ['MB208']);
      assert.deepEqual(await codes({ events: [{ ...missed, at: '2026-11-25T02:00:01Z' }] }), []);
    });

    test('a deadline under ten seconds: a warning, or a part of what was missed', async () => {
      const short = { startingDeadlineSeconds: 9 };
      assert.deepEqual(await codes({ cronJob: aCronJob({ spec: short, status: ON_TIME }) }), ['MB209']);
      const [finding] = await judged({ cronJob: lastStart('2026-11-25T02:00:00Z', short), jobs: [] });
      assert.equal(finding?.code, 'MB208');
      assert.ok(finding?.evidence.some(({ text }) => text === 'spec.startingDeadlineSeconds: 9'));
      const ten = { startingDeadlineSeconds: 10 };
      assert.deepEqual(await codes({ cronJob: aCronJob({ spec: ten, status: ON_TIME }) }), []);
    });
  });

  describe('a run that does not end', () => {
    const hanging = aJob({ started: '2026-11-25T02:00:00Z' });
    const cronJob = aCronJob({
      spec: { concurrencyPolicy: 'Forbid' },
      status: { lastScheduleTime: '2026-11-25T02:00:00Z', lastSuccessfulTime: '2026-11-25T01:59:00Z' },
    });

    test('under Forbid it blocks, and is named instead of the missed runs', async () => {
      const findings = await judged({ cronJob, jobs: [hanging] });
      assert.deepEqual(
        findings.map(({ code, object }) => [code, object?.name]),
        [
          ['MB210', 'run'],
          ['MB206', 'memcached-backup'],
        ],
      );
    });

    test('otherwise they pile up', async () => {
      const jobs = [aJob({ name: 'second' }), hanging];
      const [finding] = await judged({ jobs });
      assert.match(finding?.summary ?? '', /2 runs are under way/);
    });

    test('one that was started this night, by hand, or that has ended is none', async () => {
      const manual = { 'cronjob.kubernetes.io/instantiate': 'manual' };
      const others = [aJob(), aJob({ started: '2026-11-25T02:00:00Z', annotations: manual }), SUCCEEDED];
      for (const job of others) assert.deepEqual(await codes({ jobs: [job] }), []);
    });

    test('the controller’s own word counts at once', async () => {
      const event = anEvent('JobAlreadyActive', 'Not starting job', '2026-11-26T03:00:00Z');
      assert.deepEqual(await codes({ jobs: [aJob()], events: [event] }), ['MB210']);
    });
  });
});
