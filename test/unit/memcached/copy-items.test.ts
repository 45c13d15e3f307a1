import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import { type CopiedItems, type CopyOptions, copyItems } from '../../../src/memcached/copy-items.ts';
import { openMemcached } from '../../../src/memcached/memcached-client.ts';
import { FakeMemcached, type FakeOptions } from '../../support/fake-memcached.ts';

function copied(
  source: FakeMemcached,
  target: FakeMemcached,
  options: Partial<CopyOptions> = {},
): Promise<CopiedItems> {
  return copyItems({ list: source.open(), fetch: source.open() }, target.open(), {
    signal: new AbortController().signal,
    ...options,
  });
}

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

function mixed(options: FakeOptions = {}): FakeMemcached {
  return new FakeMemcached(options)
    .put('plain', 'a')
    .put('empty', '')
    .put('with flags', 'b', { flags: 0xff_ff_ff_ff, ttl: 77 })
    .put('bytes', EVERY_BYTE, { ttl: 60 * 60 * 24 * 31 })
    .put('\u00fc\u0001\u007f=&%20', 'c')
    .put('looks-like-a-command', 'x\r\nflush_all\r\nMN\r\nEND\r\n');
}

for (const packets of [undefined, 1, 7]) {
  test(`a copy keeps values, flags and times, of keys of any bytes, in packets of ${packets ?? 'any'} bytes`, async (t) => {
    // The servers' clocks stand still, so ours does: a second that passed meanwhile would be taken off a time.
    t.mock.method(performance, 'now', () => 0);
    const cut = packets === undefined ? {} : { packets };
    const [source, target] = [mixed(cut), new FakeMemcached({ ...cut, clock: 1_700_009_999 })];
    const result = await copied(source, target);
    assert.deepEqual(target.items, new Map(source.items));
    const { listed, fetched, stored, kept, leftOut, refused, evicted, checked } = result;
    assert.deepEqual(checked, { looked: 6, same: 6, other: 0, missing: 0 });
    assert.deepEqual(
      { listed, fetched, stored, kept, leftOut, refused, evicted },
      { listed: 6, fetched: 6, stored: 6, kept: 0, leftOut: {}, refused: {}, evicted: 0 },
    );
    assert.equal(source.commands.includes('flush_all') || target.commands.includes('flush_all'), false);
  });
}

test('more than a batch, and a value larger than one', async () => {
  const source = new FakeMemcached();
  for (let index = 0; index < 4321; index++) source.put(`key-${index}`, `value ${index}`);
  source.put('large', Buffer.alloc(3 * 2 ** 20, 7));
  const target = new FakeMemcached();
  const progress: number[] = [];
  const { stored } = await copied(source, target, { onProgress: (sofar) => progress.push(sofar.done) });
  assert.equal(stored, 4322);
  assert.deepEqual(target.items.get('large'), source.items.get('large'));
  assert.equal(progress.at(-1), 4322);
});

test('what the target has already stays: fresh writes win', async () => {
  const target = new FakeMemcached().put('plain', 'fresh');
  const { kept, stored, checked } = await copied(mixed(), target);
  assert.deepEqual({ kept, stored }, { kept: 1, stored: 5 });
  assert.deepEqual(checked, { looked: 6, same: 5, other: 1, missing: 0 });
  assert.equal(target.items.get('plain')?.value.toString(), 'fresh');
});

test('what has ended, is stale, of another prefix or unused for long is left out and counted', async () => {
  const source = new FakeMemcached()
    .put('a:ended', 'x', { ttl: 0 })
    .put('a:stale', 'x', { isStale: true })
    .put('b:other', 'x')
    .put('a:old', 'x', { unused: 100 })
    .put('a:kept', 'x', { unused: 10 });
  const target = new FakeMemcached();
  const { leftOut, stored } = await copied(source, target, { prefix: 'a:', maxAgeSeconds: 60 });
  assert.deepEqual(leftOut, { expired: 1, prefix: 1, age: 1, stale: 1 });
  assert.deepEqual([stored, [...target.items.keys()]], [1, ['a:kept']]);
});

test('by --max-bytes the most recently used items are taken', async () => {
  const source = new FakeMemcached();
  for (let index = 0; index < 100; index++)
    source.put(`key-${String(index).padStart(2, '0')}`, 'x'.repeat(35), { unused: index * index });
  const target = new FakeMemcached();
  const { leftOut, stored } = await copied(source, target, { maxBytes: 1000 });
  assert.deepEqual({ leftOut, stored }, { leftOut: { limit: 90 }, stored: 10 });
  assert.deepEqual(
    [...target.items.keys()],
    Array.from({ length: 10 }, (_, index) => `key-0${index}`),
  );
});

test('what the target has no room for is computed beforehand, and the least recently used is left out', async () => {
  const source = new FakeMemcached({ stats: { bytes: String(6000 * 1000) } });
  for (let index = 0; index < 6000; index++) source.put(`key-${index}`, 'x'.repeat(870), { unused: index });
  const target = new FakeMemcached({ stats: { limit_maxbytes: String(5 * 2 ** 20) } });
  const { noRoom, leftOut, stored } = await copied(source, target);
  // Four pages are free, one of them is slack; 1110 chunks of 944 bytes a page.
  // Shares of a page are no whole numbers.
  assert.ok(Math.abs(stored - 3 * 1110) <= 1, `${stored} stored`);
  assert.equal(leftOut.room, 6000 - stored);
  assert.ok(Math.abs(noRoom.items - leftOut.room) <= 1, `${noRoom.items} were to be left out`);
  assert.equal(target.items.has('key-0') && !target.items.has('key-5999'), true);
});

test('evictions of the target meanwhile, and what it refused, are counted', async () => {
  let looks = 0;
  const target = new FakeMemcached({
    instead: (command) => {
      if (command.startsWith('ms empty ')) return 'SERVER_ERROR out of memory storing object\r\n';
      return command === 'stats'
        ? `STAT evictions ${looks++ === 0 ? 5 : 12}\r\nSTAT limit_maxbytes 67108864\r\nEND\r\n`
        : undefined;
    },
  });
  const { evicted, refused, stored } = await copied(mixed(), target);
  assert.deepEqual(
    { evicted, refused, stored },
    { evicted: 7, refused: { 'SERVER_ERROR out of memory storing object': 1 }, stored: 5 },
  );
});

test('what is gone from the target at the second pass is counted, but what has ended is not', async () => {
  const target = new FakeMemcached({
    instead: (command) => (/^mg (?:plain|short) s /.test(command) ? '' : undefined),
  });
  const { checked } = await copied(mixed().put('short', 'x', { ttl: 1 }), target);
  assert.deepEqual(checked, { looked: 6, same: 5, other: 0, missing: 1 });
});

test('a source that is busy with another listing, or whose table grows, is asked again', async () => {
  const answers = ['BUSY currently processing crawler request\r\n'];
  let stats = 0;
  const source = mixed({
    instead: (command) => {
      if (command === 'stats' && stats++ === 1) return 'STAT hash_is_expanding 1\r\nEND\r\n';
      return command.startsWith('lru_crawler') ? answers.pop() : undefined;
    },
  });
  assert.equal((await copied(source, new FakeMemcached())).stored, 6);
  assert.equal(source.commands.filter((command) => command.startsWith('lru_crawler')).length, 2);
});

const REFUSALS: [string, RegExp][] = [
  ['ERROR metadump not allowed', /started with -X/],
  ['CLIENT_ERROR lru crawler disabled', /no_lru_crawler/],
  ['ERROR', /something else: ERROR/],
];
for (const [answer, message] of REFUSALS) {
  test(`a source that lists no keys is named with the reason: ${answer}`, async () => {
    const source = mixed({
      instead: (command) => (command.startsWith('lru_crawler') ? `${answer}\r\n` : undefined),
    });
    await assert.rejects(copied(source, new FakeMemcached()), message);
  });
}

test('a target that does not know the meta commands is given no value', async () => {
  const target = new FakeMemcached({
    instead: (command) => (/^(?:ms|mn|md)\b/.test(command) ? 'ERROR\r\n' : undefined),
  });
  await assert.rejects(copied(mixed(), target), /does not know the meta commands of memcached 1\.6/);
  assert.equal(
    target.commands.filter((command) => command.startsWith('ms ')).length,
    1,
    target.commands.join('\n'),
  );
  assert.doesNotMatch(target.commands.join('\n'), /plain|flush_all/);
});

test('the listing is read to its end while nothing is fetched: clients of the source would wait for it', {
  timeout: 20_000,
}, async () => {
  const source = new FakeMemcached({ instead: (command) => (/^m[gn]/.test(command) ? '' : undefined) });
  for (let index = 0; index < 50_000; index++) source.put(`key-${index}`, 'v');
  const [list, fetch, target] = [source.stream(), source.stream(), new FakeMemcached()];
  const controller = new AbortController();
  const work = copyItems({ list: openMemcached(list), fetch: openMemcached(fetch) }, target.open(), {
    signal: controller.signal,
  });
  while (!source.commands.includes('lru_crawler metadump hash')) await sleep(5);
  while (list.readableLength > 0) await sleep(5);
  await sleep(20);
  assert.equal(list.readableLength, 0);
  controller.abort();
  await assert.rejects(work, InterruptedError);
});

test('a signal ends the copy, and every connection', async () => {
  // Nothing is answered to mg and mn: it would wait.
  const source = new FakeMemcached({ instead: (command) => (/^m[gn]/.test(command) ? '' : undefined) });
  const target = new FakeMemcached();
  const controller = new AbortController();
  const work = copied(source.put('a', 'b'), target, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(work, InterruptedError);
  assert.equal(source.isLeft && target.isLeft, true);
});

test('a target that goes away in the middle is an error that names it', async () => {
  const source = new FakeMemcached();
  for (let index = 0; index < 20_000; index++) source.put(`key-${index}`, 'v');
  const target = new FakeMemcached();
  const stream = target.open();
  const work = copyItems({ list: source.open(), fetch: source.open() }, stream, {
    signal: new AbortController().signal,
    onProgress: () => stream.close(),
  });
  await assert.rejects(work, /memcached of pod\/fake gave no answer/);
});
