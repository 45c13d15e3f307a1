import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { readSchedule } from '../../../../src/model/schedule/cron-schedule.ts';

/** A Thursday. */
const NOW = new Date('2026-11-26T09:00:00Z');

function cronJob(schedule: string, timeZone?: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c', creationTimestamp: '2026-11-26T00:10:00Z' },
    spec: { schedule, ...(timeZone === undefined ? {} : { timeZone }) },
  };
}

async function around(schedule: string, timeZone?: string): Promise<[string[], string | undefined]> {
  const read = await readSchedule(cronJob(schedule, timeZone));
  assert.ok(read, `${schedule} is no schedule`);
  return [read.previous(2, NOW).map((time) => time.toISOString()), read.next(NOW)?.toISOString()];
}

describe('when a CronJob is due', () => {
  const SCHEDULES: [string, string | undefined, string[], string][] = [
    ['0 2 * * *', undefined, ['2026-11-26T02:00', '2026-11-25T02:00'], '2026-11-27T02:00'],
    ['0 2 * * *', 'Europe/Berlin', ['2026-11-26T01:00', '2026-11-25T01:00'], '2026-11-27T01:00'],
    ['TZ=Asia/Tokyo 0 2 * * *', undefined, ['2026-11-25T17:00', '2026-11-24T17:00'], '2026-11-26T17:00'],
    ['*/15 * * * *', undefined, ['2026-11-26T08:45', '2026-11-26T08:30'], '2026-11-26T09:15'],
    ['@midnight', undefined, ['2026-11-26T00:00', '2026-11-25T00:00'], '2026-11-27T00:00'],
    ['@weekly', undefined, ['2026-11-22T00:00', '2026-11-15T00:00'], '2026-11-29T00:00'],
    ['0 0 29 2 *', undefined, ['2024-02-29T00:00', '2020-02-29T00:00'], '2028-02-29T00:00'],
    // Both fields are set: either will do. A star that has a step still is a star: both have to fit.
    ['0 0 1 * MON', undefined, ['2026-11-23T00:00', '2026-11-16T00:00'], '2026-11-30T00:00'],
    ['0 0 */2 * MON', undefined, ['2026-11-23T00:00', '2026-11-09T00:00'], '2026-12-07T00:00'],
    ['@every 1h30m', undefined, ['2026-11-26T07:40', '2026-11-26T06:10'], '2026-11-26T09:10'],
  ];
  for (const [schedule, timeZone, previous, next] of SCHEDULES) {
    test(`${schedule} ${timeZone ?? ''}`, async () => {
      const whole = (time: string): string => `${time}:00.000Z`;
      assert.deepEqual(await around(schedule, timeZone), [previous.map(whole), whole(next)]);
    });
  }

  test('a day that no month has: never', async () => {
    assert.deepEqual(await around('0 0 30 2 *'), [[], undefined]);
    assert.deepEqual(await around('59 23 31 4,6,9,11 *'), [[], undefined]);
  });

  test('nonsense, and a time zone that nobody knows, are no schedule', async () => {
    for (const schedule of ['', '61 * * * *', 'daily', '@every soon'])
      assert.equal(await readSchedule(cronJob(schedule)), undefined);
    assert.equal(await readSchedule(cronJob('0 2 * * *', 'Mars/Base')), undefined);
  });
});
