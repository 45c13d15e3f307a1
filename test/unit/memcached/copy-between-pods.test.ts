import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyBetweenPods } from '../../../src/memcached/copy-between-pods.ts';
import type { Dial } from '../../../src/memcached/open-pod.ts';
import type { PodTarget } from '../../../src/model/settings/pod-settings.ts';
import { FakeMemcached } from '../../support/fake-memcached.ts';
import { podSettings } from '../../support/pod-settings.ts';

const target = (pod: string): PodTarget => ({
  namespace: 'cache',
  pod,
  port: 11211,
  known: podSettings(pod),
});
const signal = new AbortController().signal;

test('items go from pod to pod, over connections that are closed afterwards', async () => {
  const pods: Record<string, FakeMemcached> = { old: new FakeMemcached(), new: new FakeMemcached() };
  pods.old!.put('a', 'b');
  const dial: Dial = async (_namespace, pod) => pods[pod]!.stream();
  const { stored } = await copyBetweenPods(target('old'), target('new'), { dial, timeoutMs: 30_000, signal });
  assert.equal(stored, 1);
  assert.equal(pods.new!.items.get('a')?.value.toString(), 'b');
  assert.equal(pods.old!.isLeft && pods.new!.isLeft, true);
});

test('where one of them can not be reached, no connection to the other stays', async () => {
  const old = new FakeMemcached();
  const dial: Dial = async (_namespace, pod) => {
    if (pod === 'new') throw new Error('no such pod');
    return old.stream();
  };
  const work = copyBetweenPods(target('old'), target('new'), { dial, timeoutMs: 30_000, signal });
  await assert.rejects(work, /no such pod/);
  assert.equal(old.isLeft, true);
});
