import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Difference } from '../../../src/model/release/difference.ts';
import { differenceText } from '../../../src/output/difference-text.ts';
import type { Style } from '../../../src/output/io.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';
import { unifiedDiff } from '../../../src/output/unified-diff.ts';
import { assertGolden } from '../golden.ts';

const SERVICE = { apiVersion: 'v1', kind: 'Service', name: 'my-memcached', namespace: 'cache' };

const DIFFERENCE: Difference = {
  from: '20261122T101500Z',
  to: 'live',
  verdict: 'differs',
  helm: {
    before: { revision: 3, status: 'deployed', chart: 'memcached-0.4.0', appVersion: '1.6.39' },
    after: { revision: 5, status: 'failed', chart: 'memcached-0.5.0', appVersion: '1.6.39' },
    changes: ['revision', 'status', 'chart', 'values', 'manifest', 'hooks'],
    values: { before: { replicaCount: 2 }, after: { replicaCount: 3 } },
    parts: [
      { of: 'chart', name: 'Chart.yaml', before: 'version: 0.4.0\n', after: 'version: 0.5.0\n' },
      { of: 'manifest', name: 'service/my-memcached', before: 'a: 1\n', after: 'a: 2\n' },
      { of: 'manifest', name: 'configmap/other', after: 'a: 2\n' },
      { of: 'hooks', name: 'smoke\u001b[2J\ntest', before: 'weight: 1\n', after: 'weight: 2\n' },
    ],
  },
  objects: [
    { ref: { ...SERVICE, kind: 'ConfigMap' }, role: 'owned', change: 'missing', fields: [] },
    { ref: { ...SERVICE, kind: 'Secret' }, role: 'owned', change: 'added', fields: [] },
    {
      ref: SERVICE,
      role: 'owned',
      change: 'changed',
      before: { spec: { a: 1, b: 2, c: 3, d: 4, e: 'old', f: 6 } },
      after: { spec: { a: 1, b: 2, c: 3, d: 4, e: 'new\u001b[2J', f: 6 } },
      fields: [],
    },
  ],
  settings: {
    rows: [
      {
        workload: 'deployment.apps/my-memcached',
        setting: 'maxbytes',
        configured: '67108864',
        pods: [
          { value: '67108864', pods: ['a', 'b'] },
          { value: '33554432', pods: ['c'] },
        ],
        backup: [{ value: '33554432', pods: ['a'] }],
        differs: true,
      },
      {
        workload: 'deployment.apps/my-memcached',
        setting: 'maxconns',
        configured: undefined,
        pods: [{ value: '1024', pods: ['a', 'b', 'c'] }],
        backup: [],
        differs: false,
      },
    ],
    unproven: [],
  },
  unread: [],
};

test('a difference as a person reads it', async () => {
  assertGolden(
    'diff/table.txt',
    await differenceText(DIFFERENCE, PLAIN_STYLE, { wide: false, headers: true }),
  );
});

test('-o wide has every setting', async () => {
  assertGolden('diff/wide.txt', await differenceText(DIFFERENCE, PLAIN_STYLE, { wide: true, headers: true }));
});

test('nothing is printed where nothing differs', async () => {
  const same: Difference = {
    ...DIFFERENCE,
    verdict: 'same',
    helm: { ...DIFFERENCE.helm!, changes: ['revision'] },
    objects: [],
    settings: { rows: DIFFERENCE.settings.rows.slice(1), unproven: [] },
  };
  assert.equal(await differenceText(same, PLAIN_STYLE, { wide: false, headers: true }), '');
});

test('removed lines are red, added ones green, places cyan, names bold', async () => {
  const named = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
  const style = Object.fromEntries(
    Object.keys(PLAIN_STYLE).map((name) => [name, named(name)]),
  ) as unknown as Style;
  const before = { name: 'a/x', text: 'same\nold\n' };
  const after = { name: 'b/x', text: 'same\nnew\n' };
  assert.equal(
    await unifiedDiff({ before, after }, style),
    '<bold>--- a/x</bold>\n<bold>+++ b/x</bold>\n<cyan>@@ -1,2 +1,2 @@</cyan>\n same\n<red>-old</red>\n<green>+new</green>\n',
  );
});
