import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { findScheduledStore } from '../../../src/session/find-scheduled-store.ts';
import { hangUp, json, refusal, silence, testServer } from '../kube/test-server.ts';

const schedule = (name: string, ...args: string[]): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: { jobTemplate: { spec: { template: { spec: { containers: [{ args: ['backup', ...args] }] } } } } },
});
const neverLate = (): void => assert.fail('it was not late');
const listOf = (...items: KubeObject[]) => json({ kind: 'CronJobList', metadata: {}, items });

test('the CronJobs of this tool in the namespace are asked for, and those alone', async () => {
  const s3 = ['--store', 's3://b/team', '--s3-endpoint', 'https://s3.example', '--s3-sse', 'AES256'];
  await using server = await testServer(listOf(schedule('nightly', ...s3), schedule('hourly', ...s3)));
  const kube = await server.client({ namespace: 'shop' });
  assert.deepEqual(await findScheduledStore(async () => kube, neverLate), {
    location: 's3://b/team',
    s3: { endpoint: 'https://s3.example', sse: 'AES256' },
    cronJob: 'nightly',
  });
  const { pathname, searchParams } = new URL(server.requests[0]?.url ?? '', server.url);
  assert.equal(pathname, '/apis/batch/v1/namespaces/shop/cronjobs');
  assert.equal(
    searchParams.get('labelSelector'),
    'app.kubernetes.io/name=memcached-backup,app.kubernetes.io/component=schedule,app.kubernetes.io/managed-by=memcached-backup',
  );
});

test('where nothing can be told, nothing is found', async () => {
  for (const answer of [listOf(), refusal(403, 'Forbidden', 'no'), hangUp, json('gibberish')]) {
    await using server = await testServer(answer);
    const kube = await server.client();
    assert.equal(await findScheduledStore(async () => kube, neverLate), undefined);
  }
  assert.equal(
    await findScheduledStore(() => Promise.reject(new Error('no kubeconfig')), neverLate),
    undefined,
  );
});

test('of several stores none is chosen', async () => {
  const other = schedule('hourly', '--store', 's3://b/other', '--s3-endpoint', 'https://s3.example');
  await using server = await testServer(listOf(other, schedule('nightly', '--store', 's3://b/team')));
  const kube = await server.client();
  await assert.rejects(
    findScheduledStore(async () => kube, neverLate),
    {
      message:
        'the schedules of this namespace use different stores: cronjob/hourly s3://b/other, cronjob/nightly s3://b/team',
      next: 'name one of them: --store s3://b/other --s3-endpoint https://s3.example',
    },
  );
});

test('an encryption that is not known here is not left out in silence', async () => {
  await using server = await testServer(
    listOf(schedule('nightly', '--store', 's3://b', '--s3-sse', 'rot13')),
  );
  const kube = await server.client();
  await assert.rejects(
    findScheduledStore(async () => kube, neverLate),
    /cronjob\/nightly asks for --s3-sse rot13, which this version does not know/,
  );
});

test('a cluster that is silent is not waited for long, and that is told', async () => {
  await using server = await testServer(silence);
  const kube = await server.client();
  let late = 0;
  const began = Date.now();
  assert.equal(
    await findScheduledStore(
      async () => kube,
      () => void late++,
    ),
    undefined,
  );
  assert.equal(late, 1);
  assert.ok(Date.now() - began < 10_000);
});
