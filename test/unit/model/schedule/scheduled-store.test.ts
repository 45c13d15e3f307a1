import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { scheduledStore } from '../../../../src/model/schedule/scheduled-store.ts';

const cronJob = (...containers: JsonObject[]): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: { jobTemplate: { spec: { template: { spec: { containers } } } } },
});
const told = (...containers: JsonObject[]) => {
  const found = scheduledStore(cronJob(...containers));
  return found === undefined ? undefined : { ...found, flags: Object.fromEntries(found.flags) };
};
const AT = { cronJob: 'nightly', location: 's3://backups/team' };

test('the store of a schedule is what its container is started with', () => {
  for (const args of [
    ['backup', '-n', 'shop', '--store', 's3://backups/team', '--s3-endpoint', 'https://s3.example'],
    ['backup', '--store=s3://backups/team', '--s3-endpoint=https://s3.example'],
    [
      'backup',
      '--store',
      's3://of/others',
      '--store',
      's3://backups/team',
      '--s3-endpoint=https://s3.example',
    ],
  ])
    assert.deepEqual(told({ args }), { ...AT, flags: { 's3-endpoint': 'https://s3.example' } });
  const env = [
    { name: 'MEMCACHED_BACKUP_STORE', value: 's3://backups/team' },
    { name: 'AWS_ENDPOINT_URL_S3', value: 'https://s3.example' },
  ];
  assert.deepEqual(told({ args: ['backup'], env }), {
    ...AT,
    flags: { 's3-endpoint': 'https://s3.example' },
  });
  assert.equal(told({ args: ['--store', 'pvc://backups'], env })?.location, 'pvc://backups', 'a flag wins');
  assert.equal(told({ name: 'proxy' }, { env })?.location, 's3://backups/team', 'another container');
});

test('a store that only the pod can tell is none', () => {
  const secret = { name: 'MEMCACHED_BACKUP_STORE', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
  for (const container of [
    { args: ['backup', '--store', '/backup'] },
    { args: ['backup', '--store', './backups'] },
    { args: ['backup', '--store', 'git+file:///backup/repository.git'] },
    { args: ['backup', '--store', 'GIT+FILE:///backup/repository.git?path=a'] },
    { args: ['backup', '--store', 's3://before', '--store', '$(STORE)'] },
    { args: ['backup', '--store=$(STORE)'], env: [{ name: 'MEMCACHED_BACKUP_STORE', value: 's3://b' }] },
    { args: ['backup', '--store', '$(STORE)'] },
    { args: ['backup', '--store', 's3://$(BUCKET)/x'] },
    { args: ['backup', '--store'] },
    { args: ['backup'], env: [secret] },
    { args: 'backup --store s3://b', env: 'MEMCACHED_BACKUP_STORE' },
    {},
  ])
    assert.equal(told(container as JsonObject), undefined, JSON.stringify(container));
  assert.equal(
    scheduledStore({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'x' } }),
    undefined,
  );
});
