import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCron } from '../../../../src/model/schedule/cron-trouble.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const judged = (cron: string, timeZone = 'Etc/UTC') => judgeCron({ cron, timeZone }, NOW);

describe('a cron line that the API server takes and that is no schedule is refused', () => {
  for (const [cron, why] of [
    ['0 2 31 2 *', /never due: there is no such day/],
    ['0 0 30 2 *', /never due/],
    ['@every 1h', /counts from each start of the cluster's controller/],
    ['TZ=Europe/Berlin 0 2 * * *', /names a time zone, which is --time-zone's to say/],
    ['CRON_TZ=UTC 0 2 * * *', /names a time zone/],
    ['H 2 * * *', /is no cron line/],
    ['0 0 2 * * *', /is no cron line/],
    ['0 2 * *', /is no cron line/],
    ['@reboot', /is no cron line/],
    ['0 2 L * *', /is no cron line/],
    ['0 25 * * *', /can't be read|no cron line/],
    ['', /is no cron line/],
  ] as const) {
    test(cron, async () => assert.match(String(await judged(cron)), why));
  }
});

describe('a time zone that no cluster knows is refused', () => {
  for (const zone of ['Nowhere/X', 'Local', 'local', '', 'Europe/Berlin ', '../etc', 'UTC;']) {
    test(zone, async () => assert.match(String(await judged('0 2 * * *', zone)), /is no time zone/));
  }
});

describe('of one that works it is told how near two runs come', () => {
  for (const [cron, seconds] of [
    ['0 2 * * *', 86_400],
    ['@daily', 86_400],
    ['@hourly', 3600],
    ['*/15 * * * *', 900],
    ['0,10 2 * * *', 600],
    ['0 2 * * mon-fri', 86_400],
    ['0 2 29 2 *', 366 * 86_400],
  ] as const) {
    test(cron, async () => {
      const sound = await judged(cron);
      if (typeof sound === 'string') throw new assert.AssertionError({ message: sound });
      assert.equal(sound.shortestIntervalS, seconds);
    });
  }
});

test('it is due by the clock of its time zone', async () => {
  const sound = await judged('0 2 * * *', 'Europe/Berlin');
  if (typeof sound === 'string') throw new assert.AssertionError({ message: sound });
  assert.equal(sound.schedule.next(NOW)?.toISOString(), '2026-11-30T01:00:00.000Z');
});
