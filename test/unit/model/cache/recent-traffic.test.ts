import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounters, hitRatioOf } from '../../../../src/model/cache/cache-counters.ts';
import { isHardlyRead, recentTraffic } from '../../../../src/model/cache/recent-traffic.ts';

/** A look at a cache that was asked `hits` and `misses` by then. */
const look = (seconds: number, hits: number, misses: number) => ({
  at: seconds * 1000,
  counters: cacheCounters({ get_hits: `${hits}`, get_misses: `${misses}`, uptime: `${seconds}` }),
});

test('the ratio is that of the last seconds, not of all that was ever read', () => {
  const looks = [look(0, 0, 0), look(1, 0, 100), look(2, 50, 150), look(3, 140, 160), look(4, 235, 165)];
  assert.equal(hitRatioOf(recentTraffic(looks)!), 185 / 200, 'from second 2 to second 4');
});

test('few reads are gathered until they tell something, and too few tell nothing', () => {
  assert.deepEqual(recentTraffic([look(0, 0, 0), look(2, 5, 5), look(4, 14, 6), look(6, 20, 6)]), {
    hits: 20,
    misses: 6,
    sets: 0,
    evictions: 0,
  });
  assert.equal(recentTraffic([look(0, 0, 0), look(5, 10, 9)]), undefined);
  assert.equal(recentTraffic([]), undefined);
});

test('a cache that started anew is not compared with what it was', () => {
  const anew = { ...look(1, 5000, 3), at: 110_000 };
  assert.equal(recentTraffic([look(100, 4000, 0), anew]), undefined);
  assert.equal(isHardlyRead([look(100, 5000, 0), anew], 5000), false);
});

test('a cache is hardly read when for long enough nobody asked it for much', () => {
  assert.equal(isHardlyRead([look(0, 0, 0), look(4, 3, 3)], 5000), false, 'not looked at for long enough');
  assert.equal(isHardlyRead([look(0, 0, 0), look(5, 3, 3)], 5000), true);
  assert.equal(isHardlyRead([look(0, 0, 0), look(5, 300, 3)], 5000), false);
  assert.equal(isHardlyRead([look(0, 0, 0), look(5, 300, 3), look(10, 301, 3)], 5000), true, 'any more');
});
