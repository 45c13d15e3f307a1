import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { settingsInShort } from '../../../../src/model/settings/settings-in-short.ts';

function pod(overrides: Partial<PodSettings>): PodSettings {
  return {
    name: 'cart-0',
    workload: 'deployment.apps/cart',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.39',
    command: [],
    args: [],
    env: [],
    ready: true,
    ...overrides,
  };
}

const MIB = 1024 * 1024;
const stats = (megabytes: number, rest: Record<string, string> = {}): Record<string, string> => ({
  maxbytes: `${megabytes * MIB}`,
  maxconns: '256',
  num_threads: '4',
  item_size_max: `${MIB}`,
  ...rest,
});

test('memory and connections are told as arguments have them, threads and item size where they are unusual', () => {
  assert.equal(settingsInShort([pod({ stats: stats(48) })]), '-m 48 -c 256');
  assert.equal(
    settingsInShort([pod({ stats: stats(48, { num_threads: '8', item_size_max: `${2 * MIB}` }) })]),
    '-m 48 -c 256 -t 8 -I 2m',
  );
});

test('what the pod says counts before what it was told', () => {
  assert.equal(settingsInShort([pod({ args: ['-m', '64'], stats: stats(48) })]), '-m 48 -c 256');
  assert.equal(settingsInShort([pod({ args: ['-m', '64'] })]), '-m 64');
});

test('a pod of the present template speaks, also where it never came up: that is what a restore brings back', () => {
  const old = pod({ current: false, stats: stats(48) });
  const crashing = pod({ name: 'cart-1', args: ['-m', '8', '-c', '256'], ready: false });
  assert.equal(settingsInShort([old, crashing]), '-m 8 -c 256');
});

test('several workloads are told side by side, once each, and nothing where nothing tells', () => {
  const other = pod({ workload: 'deployment.apps/other', stats: stats(8) });
  assert.equal(settingsInShort([pod({ stats: stats(48) }), other]), '-m 48 -c 256, -m 8 -c 256');
  assert.equal(settingsInShort([pod({ stats: stats(48) }), { ...other, stats: stats(48) }]), '-m 48 -c 256');
  assert.equal(settingsInShort([]), undefined);
  assert.equal(settingsInShort([pod({ stats: { maxbytes: 'x'.repeat(1000) } })]), undefined);
});
