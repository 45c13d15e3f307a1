import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialsOf, judgeCredentials } from '../../../../src/doctor/storage/s3-credentials.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { allSpelled } from '../../spelled.ts';

function aCronJob(container: JsonObject, script = 'aws s3 sync /backup s3://b/'): KubeObject {
  const containers = [{ name: 'c', command: ['sh', '-c', script], ...container }];
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'backup', namespace: 'cache' },
    spec: { jobTemplate: { spec: { template: { spec: { containers } } } } },
  };
}
const fromKey = (name: string, key: string, more: JsonObject = {}) => ({
  name,
  valueFrom: { secretKeyRef: { name: 'aws-credentials', key, ...more } },
});
const ENV = [fromKey('AWS_ACCESS_KEY_ID', 'id'), fromKey('AWS_SECRET_ACCESS_KEY', 'secret')];
const ENV_FROM = { envFrom: [{ secretRef: { name: 'aws-credentials' } }] };

function aSecret(values: Record<string, string>): KubeObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'aws-credentials', namespace: 'cache' },
    data,
  };
}
const judged = (cronJob: KubeObject, secret: KubeObject | 'absent' | undefined) =>
  judgeCredentials(cronJob, () => secret);

test('credentials come from keys, or from all keys of a Secret where S3 is spoken', () => {
  const keys = (cronJob: KubeObject) =>
    credentialsOf(cronJob).map(({ variable, key }) => `${variable}=${key}`);
  assert.deepEqual(keys(aCronJob({ env: ENV })), ['AWS_ACCESS_KEY_ID=id', 'AWS_SECRET_ACCESS_KEY=secret']);
  const all = ['AWS_ACCESS_KEY_ID=AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY=AWS_SECRET_ACCESS_KEY'];
  assert.deepEqual(keys(aCronJob(ENV_FROM)), all);
  assert.deepEqual(keys(aCronJob(ENV_FROM, 'cp a b')), all, 'the Secret’s name says it');
  assert.deepEqual(keys(aCronJob({ envFrom: [{ secretRef: { name: 'settings' } }] }, 'cp a b')), []);
  assert.deepEqual(keys(aCronJob({ envFrom: [{ prefix: 'AWS_', secretRef: { name: 'aws' } }] })), [
    'AWS_ACCESS_KEY_ID=ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY',
  ]);
  assert.deepEqual(keys(aCronJob({ env: [ENV[0]!], ...ENV_FROM })), [
    'AWS_ACCESS_KEY_ID=id',
    'AWS_SECRET_ACCESS_KEY=AWS_SECRET_ACCESS_KEY',
  ]);
  assert.deepEqual(keys(aCronJob({ env: [fromKey('AWS_ACCESS_KEY_ID', 'id', { optional: true })] })), []);
  assert.deepEqual(keys(aCronJob({ env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'plain' }] })), []);
});

test('a Secret that is not there is one failure; one that can’t be read is none', () => {
  const found = judged(aCronJob({ env: ENV }), 'absent');
  assert.deepEqual(
    found.map(({ code }) => code),
    ['MB330'],
  );
  assert.deepEqual(allSpelled(found[0]?.advice), [
    "kubectl create secret generic aws-credentials -n cache '--from-literal=<id=value>' '--from-literal=<secret=value>'",
  ]);
  assert.deepEqual(judged(aCronJob({ env: ENV }), undefined), []);
});

test('each value is judged, and none is shown', () => {
  const value = 'sEcReT';
  const all = (secret: string) =>
    judged(aCronJob({ env: ENV }), aSecret({ id: 'AKIA', secret })).map(({ code, summary }) => [
      code,
      summary,
    ]);
  assert.deepEqual(all(value), []);
  assert.deepEqual(all(''), [['MB332', 'its key secret is empty']]);
  assert.deepEqual(all('\n'), [['MB332', 'its key secret is empty']]);
  assert.deepEqual(all(`${value}\n`), [['MB333', 'its key secret ends with a line break']]);
  assert.deepEqual(all(`${value} `), [['MB333', 'its key secret ends with a blank']]);
  assert.deepEqual(all(`\r\n${value}`), [['MB333', 'its key secret begins with a line break']]);
  const lacking = judged(aCronJob({ env: ENV }), aSecret({ id: `${value}\n`, other: value }));
  assert.deepEqual(
    lacking.map(({ code }) => code),
    ['MB333', 'MB331'],
  );
  assert.match(lacking[1]?.evidence[0]?.text ?? '', /^it has id, other$/);
  assert.ok(!JSON.stringify(lacking).includes(value));
});
