import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeyQueue } from '../../../src/memcached/items/key-queue.ts';

function batches(count: number): string[][] {
  return Array.from({ length: count }, (_, i) => [`key-${i}`, `\u0000\u00ff"\\\n${i}`]);
}

async function all(queue: KeyQueue): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const batch = await queue.take();
    if (batch === undefined) return taken.sort();
    taken.push(...batch);
  }
}

for (const [where, limit] of [
  ['in memory', 1e6],
  ['in a file', 0],
  ['in both', 100],
] as const) {
  test(`what is put in comes out once, ${where}, to several takers`, async () => {
    const queue = new KeyQueue(limit);
    const takers = Promise.all([all(queue), all(queue)]);
    for (const batch of batches(50)) queue.push(batch);
    await new Promise((resolve) => setImmediate(resolve));
    for (const batch of batches(50)) queue.push(batch);
    queue.end();
    const expected = [...batches(50), ...batches(50)].flat().sort();
    assert.deepEqual((await takers).flat().sort(), expected);
    queue.close();
  });
}

test('the file has no name, and where there can be none memory has to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'key-queue-'));
  const before = process.env.TMPDIR;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  });
  process.env.TMPDIR = folder;
  const queue = new KeyQueue(0);
  queue.push(['a']);
  assert.deepEqual(readdirSync(folder), []);
  process.env.TMPDIR = join(folder, 'missing');
  const without = new KeyQueue(0);
  without.push(['b']);
  without.end();
  queue.end();
  assert.deepEqual([await all(queue), await all(without)], [['a'], ['b']]);
  queue.close();
});

test('who waits hears of the end', async () => {
  const queue = new KeyQueue();
  const waiting = queue.take();
  queue.close();
  assert.equal(await waiting, undefined);
});
