import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyingCostLines } from '../../../src/output/emptying-cost-text.ts';

const SOME = { items: 12345, bytes: 4_400_000, hitRatio: 0.9412, hitsPerSecond: 483.4, seconds: 1.1 };

test('what emptying costs is told as what is in there and what the database will be asked', () => {
  assert.deepEqual(emptyingCostLines(SOME, { caches: 2 }), [
    'In there: 12345 items (4.2 MiB); 94 % of reads hit: 483 requests a second will go to the database instead, until they are filled again.',
  ]);
  assert.deepEqual(
    emptyingCostLines(
      { ...SOME, hitRatio: 0.9999, hitsPerSecond: 0.9, atMost: true, unanswered: ['a', 'b', 'c', 'd'] },
      { isForGood: true, caches: 5 },
    ),
    [
      'In there: at most 12345 items (4.2 MiB); 99 % of reads hit: at most 0.9 requests a second will go to the database instead.',
      'Not counted, because they did not answer: pod/a, pod/b, pod/c, 1 more.',
    ],
  );
});

test('nothing is told of traffic that nobody saw, nor of pods that did not answer', () => {
  const idle = { items: 1, bytes: 60, hitsPerSecond: 0, seconds: 1.2 };
  assert.deepEqual(emptyingCostLines(idle, { caches: 1 }), [
    'In there: 1 item (60 bytes); nobody read it in the 1.2 s that it was looked at.',
  ]);
  const unread = { items: 0, bytes: 0, hitsPerSecond: 0, seconds: 0 };
  assert.deepEqual(emptyingCostLines(unread, { caches: 1 }), ['Nothing is in there; nobody has read it.']);
  assert.deepEqual(emptyingCostLines({ ...unread, unanswered: ['cart-0'] }, { caches: 1 }), [
    'Not counted, because it did not answer: pod/cart-0.',
  ]);
});
