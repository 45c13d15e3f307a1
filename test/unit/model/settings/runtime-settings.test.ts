import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runtimeCommands } from '../../../../src/model/settings/runtime-settings.ts';

const STATS = {
  maxbytes: '8388608',
  maxconns: '256',
  verbosity: '0',
  hot_lru_pct: '20',
  warm_lru_pct: '40',
  hot_max_factor: '0.20',
  warm_max_factor: '2.00',
  temp_lru: 'no',
  temporary_ttl: '61',
  lru_maintainer_thread: 'yes',
  lru_segmented: 'yes',
  lru_crawler: 'yes',
  slab_automove: '1',
  ext_item_age: '4294967295',
  ext_drop_unread: 'no',
};
type Wanted = Partial<Record<string, string>>;

function commands(
  wanted: Wanted,
  { stats = STATS as Record<string, string>, mostBytes = Number.POSITIVE_INFINITY } = {},
) {
  const differences = Object.entries(wanted).map(([key, expected]) => ({
    key,
    expected,
    actual: stats[key],
  }));
  const { commands: made, left } = runtimeCommands(stats, differences, mostBytes);
  return { made: made.map(({ command }) => command), left: left.map(({ key }) => key), all: { made, left } };
}

test('what memcached can change as it runs becomes its commands, the rest is left', () => {
  const { made, left } = commands({
    maxbytes: '67108864',
    maxconns: '1024',
    verbosity: '2',
    slab_automove: '2',
    lru_crawler: 'no',
    lru_segmented: 'no',
    ext_item_age: '60',
    ext_drop_unread: 'yes',
  });
  assert.deepEqual(made, [
    'cache_memlimit 64',
    'verbosity 2',
    'slabs automove 2',
    'lru_crawler disable',
    'lru mode flat',
    'extstore item_age 60',
    'extstore drop_unread 1',
  ]);
  assert.deepEqual(left, ['maxconns']);
});

test('four settings are one command, and each keeps what it is not to be changed', () => {
  const { made, all } = commands({ hot_lru_pct: '10', warm_max_factor: '1.50' });
  assert.deepEqual(made, ['lru tune 10 40 0.20 1.50']);
  assert.deepEqual(
    all.made[0]?.settings.map(({ key, from, to }) => `${key} ${from} ${to}`),
    ['hot_lru_pct 20 10', 'warm_max_factor 2.00 1.50'],
  );
  assert.deepEqual(commands({ hot_lru_pct: '50' }), {
    made: [],
    left: ['hot_lru_pct'],
    all: { made: [], left: [{ key: 'hot_lru_pct', expected: '50', actual: '20' }] },
  });
});

test('a time to live that is off keeps its length, and is turned on and off by it', () => {
  assert.deepEqual(commands({ temp_lru: 'yes', temporary_ttl: '30' }).made, ['lru temp_ttl 30']);
  assert.deepEqual(commands({ temporary_ttl: '30' }).made, ['lru temp_ttl 30', 'lru temp_ttl -1']);
  assert.deepEqual(commands({ temp_lru: 'yes' }).made, ['lru temp_ttl 61']);
  const on = { ...STATS, temp_lru: 'yes' };
  assert.deepEqual(commands({ temp_lru: 'no' }, { stats: on }).made, ['lru temp_ttl -1']);
});

test('what memcached would refuse is not sent: a cache below 8 MiB, or of a part of one', () => {
  for (const maxbytes of ['7340032', '67108865', '0', '-1', '1e9', '9'.repeat(30)])
    assert.deepEqual(commands({ maxbytes }), {
      made: [],
      left: ['maxbytes'],
      all: { made: [], left: [{ key: 'maxbytes', expected: maxbytes, actual: '8388608' }] },
    });
});

test('a cache that its container can’t hold would be killed, and with it what is in it', () => {
  const { made, all } = commands({ maxbytes: '67108864' }, { mostBytes: 60 * 2 ** 20 });
  assert.deepEqual(made, []);
  assert.match(all.left[0]?.why ?? '', /memory limit/);
});

test('no value of anybody’s becomes more than one command', () => {
  const evil = '1\r\nflush_all';
  const all = Object.fromEntries(Object.keys(STATS).map((key) => [key, evil]));
  const { made, left } = commands({ ...all, __proto__: '1', constructor: '1' });
  assert.deepEqual(made, []);
  assert.equal(left.length, Object.keys(STATS).length + 1);
});

test('of a setting that only one side knows nothing can be sent', () => {
  assert.deepEqual(commands({ new_one: '1' }).left, ['new_one']);
  assert.deepEqual(commands({ maxbytes: undefined } as Wanted).left, ['maxbytes']);
});
