import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounters, hitRatioOf, trafficBetween } from '../../../../src/model/cache/cache-counters.ts';

const STATS = { get_hits: '90', get_misses: '10', cmd_set: '7', curr_items: '5', bytes: '400', uptime: '60' };

test('counters are read of stats, and what is missing or forged counts as nothing', () => {
  const { reads, items, evictions } = cacheCounters({ ...STATS, evictions: '-3' });
  assert.deepEqual({ reads, items, evictions }, { reads: 100, items: 5, evictions: 0 });
  assert.equal(cacheCounters({ get_hits: 'NaN', get_misses: '1e999' }).reads, 0);
});

test('the ratio is of what happened between two looks, and of a cache that began anew there is none', () => {
  const before = cacheCounters(STATS);
  const after = cacheCounters({ ...STATS, get_hits: '93', get_misses: '11', uptime: '61' });
  assert.deepEqual(trafficBetween(before, after), { hits: 3, misses: 1, sets: 0, evictions: 0 });
  assert.equal(hitRatioOf(trafficBetween(before, after)!), 0.75);
  assert.equal(hitRatioOf({ hits: 0, misses: 0 }), undefined);
  assert.equal(trafficBetween(after, before), undefined);
  assert.equal(trafficBetween(before, cacheCounters({ ...STATS, uptime: '2' })), undefined);
});
