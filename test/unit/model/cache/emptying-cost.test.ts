import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounters } from '../../../../src/model/cache/cache-counters.ts';
import { type CacheLook, costOfEmptying } from '../../../../src/model/cache/emptying-cost.ts';

const look = (pod: string, at: number, counts: Record<string, number>): CacheLook => ({
  pod,
  at,
  counters: cacheCounters(
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)])),
  ),
});
const before = (pod: string) =>
  look(pod, 1000, { get_hits: 100, get_misses: 50, curr_items: 9, bytes: 900, uptime: 60 });
const after = (pod: string, counts: Record<string, number>) =>
  look(pod, 3000, { curr_items: 10, bytes: 1000, uptime: 62, ...counts });

test('what emptying costs is what is in there and what was read of it between two looks', () => {
  const cost = costOfEmptying(
    [{ pods: ['cart-0', 'cart-1'], count: 2 }],
    [before('cart-0'), before('cart-1')],
    [after('cart-0', { get_hits: 160, get_misses: 60 }), after('cart-1', { get_hits: 130, get_misses: 50 })],
  );
  assert.deepEqual(cost, { items: 20, bytes: 2000, hitRatio: 0.9, hitsPerSecond: 45, seconds: 2 });
});

test('of pods that nobody ever read one look is enough; of others, one that is silent later is not counted', () => {
  const unread = look('cart-0', 1000, { curr_items: 3, bytes: 300, uptime: 60 });
  const emptied = [{ pods: ['cart-0', 'cart-1', 'cart-2'], count: 3 }];
  assert.deepEqual(costOfEmptying(emptied, [unread, before('cart-1')], []), {
    items: 3,
    bytes: 300,
    hitsPerSecond: 0,
    seconds: 0,
    unanswered: ['cart-1', 'cart-2'],
  });
});

test('where fewer go than there are, the fullest are counted; one that began anew has no traffic', () => {
  const anew = look('cart-1', 3000, { get_hits: 5, curr_items: 2, bytes: 9000, uptime: 1 });
  const cost = costOfEmptying(
    [{ pods: ['cart-0', 'cart-1'], count: 1 }],
    [before('cart-0'), before('cart-1')],
    [after('cart-0', { get_hits: 200, get_misses: 50 }), anew],
  );
  assert.deepEqual(cost, { items: 2, bytes: 9000, hitsPerSecond: 0, seconds: 0, atMost: true });
});

test('what a server says that is no count makes no number that is none', () => {
  const odd = look('cart-0', 1000, { curr_items: 1e308, bytes: 0.4, uptime: 60 });
  const { items, bytes } = costOfEmptying([{ pods: ['cart-0'], count: 1 }], [odd], []);
  assert.deepEqual([items, bytes], [Number.MAX_SAFE_INTEGER, 0]);
});
