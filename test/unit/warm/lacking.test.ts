import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmLines } from '../../../src/commands/warm-view.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { lackingOfCopy, lackingOfRatio, lackingOfUrls } from '../../../src/warm/lacking.ts';
import type { PodCopy } from '../../../src/warm/warm-report.ts';

const WHOLE: PodCopy = {
  from: 'old-0',
  to: 'new-0',
  listed: 1500,
  fetched: 1000,
  stored: 990,
  kept: 10,
  leftOut: { prefix: 400, limit: 60, age: 20, expired: 10, gone: 5, stale: 5 },
  refused: {},
  bytes: 123_456,
  noRoom: { items: 0, bytes: 0 },
  evicted: 0,
  checked: { looked: 1000, same: 999, other: 1, missing: 0 },
  seconds: 0.5,
};

test('what was left out by wish, or had ended, is no lack', () => {
  assert.deepEqual(lackingOfCopy(WHOLE), []);
});

const LACKS: [Partial<PodCopy>, string][] = [
  [
    { leftOut: { room: 1 }, noRoom: { items: 1, bytes: 2048.4 } },
    'pod/new-0 has no room for 1 item (2 KiB), the least recently used: they were left out',
  ],
  [{ evicted: 1200 }, 'pod/new-0 dropped 1,200 items meanwhile to make room (evictions)'],
  [{ refused: { 'SERVER_ERROR x': 2 } }, 'pod/new-0 refused 2 items: SERVER_ERROR x'],
  [{ leftOut: { large: 2 } }, '2 items of more than 64 MiB were left out on the way to pod/new-0'],
  [
    { checked: { looked: 10, same: 7, other: 0, missing: 3 } },
    'of 10 keys that were looked up again 3 were not in pod/new-0',
  ],
];
for (const [changes, text] of LACKS) {
  test(text, () => assert.deepEqual(lackingOfCopy({ ...WHOLE, ...changes }), [text]));
}

test('URLs prove nothing where one failed, nobody read, or the second pass misses', () => {
  const urls = { urls: 9, succeeded: 9, failed: 0, failures: [], seconds: 1, itemsAdded: 9 };
  const pass = { seconds: 1, hits: 9, misses: 0, idleMisses: 0, isProved: true };
  assert.deepEqual(lackingOfUrls({ ...urls, secondPass: pass }), []);
  assert.match(lackingOfUrls({ ...urls, failed: 1 }).join(), /^1 of 9 URLs failed,there was no second pass/);
  const unread = { ...pass, hits: 0, isProved: false };
  assert.match(lackingOfUrls({ ...urls, secondPass: unread }).join(), /^no pod was read/);
  const cold = { ...pass, misses: 5, isProved: false };
  assert.match(lackingOfUrls({ ...urls, secondPass: cold }).join(), /still had 5 misses \(0 in as long/);
});

test('a ratio that was not reached is said pod by pod', () => {
  const pods = [
    { pod: 'a', ratio: 0.5, readsPerSecond: 9 },
    { pod: 'b', readsPerSecond: 0 },
  ];
  const hitRatio = { goal: 0.9, isReached: false, seconds: 600, pods };
  assert.deepEqual(lackingOfRatio(hitRatio), [
    'a hit ratio of 90 % was not reached within 600 s: pod/a 50 %, pod/b is hardly read',
  ]);
  assert.deepEqual(lackingOfRatio({ ...hitRatio, isReached: true }), []);
});

test('for a person: what was copied, left out and looked up again', () => {
  const { outStyle } = createMemoryIO();
  assert.deepEqual(warmLines({ release: 'new', namespace: 'shop', copies: [WHOLE], lacking: [] }, outStyle), [
    'old-0 → pod/new-0: 990 of 1,500 items copied (121 KiB); 10 were there already; left out: 400 of another prefix, 60 beyond --max-bytes, 20 not used for longer, 10 had ended, 5 gone before they were fetched, 5 stale; 0.5 s, 3,000 a second',
    '  1,000 of 1,000 keys looked up again are there, 1 of them written by others. The copy counts as 1,000 hits of old-0.',
    'Warm: new',
  ]);
});
