import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { settingsDifference } from '../../../../src/model/settings/settings-difference.ts';

const MIB = 1024 * 1024;

function pod(name: string, maxMemory: number, changes: Partial<PodSettings> = {}): PodSettings {
  return {
    name,
    workload: 'deployment.apps/m',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.18',
    command: [],
    args: ['-m', String(maxMemory)],
    env: [],
    ready: true,
    version: '1.6.18',
    stats: { maxbytes: String(maxMemory * MIB), maxconns: '1024' },
    ...changes,
  };
}

function silent(name: string): PodSettings {
  const { stats: _stats, version: _version, ...rest } = pod(name, 64);
  return { ...rest, error: 'connection refused' };
}

function workload(maxMemory: number): KubeObject {
  const containers = [{ name: 'memcached', image: 'memcached:1.6.18', args: ['-m', String(maxMemory)] }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'm', namespace: 'cache' },
    spec: { template: { spec: { containers } } },
  };
}

const differing = (...given: Parameters<typeof settingsDifference>) =>
  settingsDifference(...given).rows.filter(({ differs }) => differs);

test('equal pods: every setting is there, none differs', () => {
  const { rows, unproven } = settingsDifference([pod('a', 64)], [pod('b', 64)], [workload(64)]);
  assert.deepEqual(
    rows.map(({ setting, configured, differs }) => [setting, configured, differs]),
    [
      ['maxbytes', String(64 * MIB), false],
      ['maxconns', undefined, false],
    ],
  );
  assert.deepEqual(unproven, []);
});

test('file, pods and backup each have their say', () => {
  // The file was changed to 96, one pod was already replaced.
  const [row] = differing([pod('a', 64)], [pod('b', 96), pod('c', 64)], [workload(96)]);
  assert.deepEqual(row, {
    workload: 'deployment.apps/m',
    setting: 'maxbytes',
    configured: String(96 * MIB),
    pods: [
      { value: String(96 * MIB), pods: ['b'] },
      { value: String(64 * MIB), pods: ['c'] },
    ],
    backup: [{ value: String(64 * MIB), pods: ['a'] }],
    differs: true,
  });
});

test('a running server that somebody changed differs although the file is the same', () => {
  const changed = pod('a', 64, { stats: { maxbytes: String(32 * MIB), maxconns: '1024' } });
  assert.equal(differing([pod('a', 64)], [changed], [workload(64)]).length, 1);
  assert.equal(differing([changed], [pod('a', 64)], [workload(64)]).length, 1, 'and the other way round');
});

test('what was so at the backup already is no difference', () => {
  const changed = pod('a', 64, { stats: { maxbytes: String(32 * MIB), maxconns: '1024' } });
  assert.deepEqual(differing([changed], [changed], [workload(64)]), []);
});

test('another version is a difference', () => {
  const [row] = differing([pod('a', 64)], [pod('b', 64, { version: '1.6.39' })], [workload(64)]);
  assert.equal(row?.setting, 'version');
});

test('a silent pod proves nothing where the backup has an answer, and is no news where it has none', () => {
  const { unproven } = settingsDifference([pod('a', 64)], [silent('b')], [workload(64)]);
  assert.deepEqual(unproven, ['pod/b: connection refused']);
  assert.deepEqual(settingsDifference([silent('a')], [silent('b')], [workload(64)]).unproven, []);
  const half = [pod('a', 64), silent('b')];
  assert.deepEqual(settingsDifference(half, half, [workload(64)]).unproven, [], 'it crashed then, too');
  assert.deepEqual(settingsDifference(half, [silent('a'), silent('b')], [workload(64)]).unproven, [
    'pod/a: connection refused',
  ]);
});
