import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ItemSpool } from '../../../src/memcached/item-spool.ts';
import type { CachedItem } from '../../../src/memcached/items/cached-item.ts';

const NOW = 1_800_000_000_000;
const item = (key: string, value: Buffer, more: Partial<CachedItem> = {}): CachedItem => ({
  key,
  value,
  flags: 0,
  ttl: -1,
  ...more,
});

async function all(spool: ItemSpool, now = NOW): Promise<CachedItem[]> {
  const items: CachedItem[] = [];
  await spool.eachBatch(
    () => now,
    async (batch) => void items.push(...batch),
  );
  return items;
}

test('items come back as they were, however they lie in the file', async () => {
  await using spool = await ItemSpool.create();
  const given = [
    item('\x00\xff binary', Buffer.from([0, 255, 13, 10]), { flags: 0xff_ff_ff_ff }),
    item('empty', Buffer.alloc(0)),
    item('large', Buffer.alloc(3 * 2 ** 20, 7), { flags: 5 }),
    ...Array.from({ length: 2500 }, (_, at) => item(`k${at}`, Buffer.from(`v${at}`), { ttl: 60 })),
  ];
  for (let at = 0; at < given.length; at += 700) await spool.add(given.slice(at, at + 700), NOW);
  assert.deepEqual(await all(spool), given);
  assert.equal(spool.items, given.length);
});

test('time goes on while they wait: what has expired is not handed on', async () => {
  await using spool = await ItemSpool.create();
  await spool.add([item('a', Buffer.from('a'), { ttl: 10 }), item('b', Buffer.from('b'), { ttl: 30 })], NOW);
  assert.deepEqual(
    (await all(spool, NOW + 12_000)).map(({ key, ttl }) => [key, ttl]),
    [['b', 18]],
  );
});

test('nothing of it lies in the folder, and nobody else can read what the disk holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-test-'));
  try {
    await using spool = await ItemSpool.create(folder);
    const secret = 'a value that nobody else may read';
    await spool.add([item('key-of-somebody', Buffer.from(secret))], NOW);
    await all(spool);
    assert.deepEqual(readdirSync(folder), []);
    const held = readdirSync('/proc/self/fd').find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
      } catch {
        return false;
      }
    });
    const bytes = readFileSync(`/proc/self/fd/${held}`);
    assert.equal(bytes.length > secret.length, true);
    assert.equal(bytes.includes('somebody') || bytes.includes('nobody'), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
