import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { pairPods } from '../../../src/warm/pair-pods.ts';
import type { CacheInUse } from '../../../src/warm/read-cache.ts';
import { podSettings } from '../../support/pod-settings.ts';

function cache(name: string, kind: string, pods: readonly string[], spec: JsonObject = {}): CacheInUse {
  const namespace = 'shop';
  const workload: KubeObject = { apiVersion: 'apps/v1', kind, metadata: { name, namespace }, spec };
  return {
    name,
    namespace,
    pods: pods.map((pod) => ({
      target: { namespace, pod, port: 11211, known: podSettings(pod) },
      workload,
      credentials: undefined,
    })),
  };
}

function pairs(source: CacheInUse, target: CacheInUse, only?: string): string[] | string {
  const found = pairPods(source, target, only);
  return typeof found === 'string'
    ? found
    : found.map(({ from, to }) => `${from.target.pod}>${to.target.pod}`);
}

const one = cache('one', 'Deployment', ['one-a']);
const two = cache('two', 'Deployment', ['two-a', 'two-b']);
const set = cache('set', 'StatefulSet', ['set-0', 'set-1', 'set-10', 'set-2']);
const other = cache('other', 'StatefulSet', ['other-0', 'other-1', 'other-2', 'other-10']);
const pair = cache('pair', 'StatefulSet', ['pair-0', 'pair-1']);

test('one to one, one to each of a Deployment, many to one', () => {
  assert.deepEqual(pairs(one, cache('new', 'StatefulSet', ['new-0'])), ['one-a>new-0']);
  assert.deepEqual(pairs(one, two), ['one-a>two-a', 'one-a>two-b']);
  assert.deepEqual(pairs(pair, one), ['pair-0>one-a', 'pair-1>one-a']);
});

test('the pods of StatefulSets by their ordinals, which are numbers', () => {
  assert.deepEqual(pairs(set, other), ['set-0>other-0', 'set-1>other-1', 'set-2>other-2', 'set-10>other-10']);
  assert.deepEqual(pairs(set, other, 'other-1'), ['set-1>other-1']);
});

test('a pod of the release itself goes to the others', () => {
  const self = { ...two, name: 'pod/two-a', pods: two.pods.slice(0, 1) };
  assert.deepEqual(pairs(self, two), ['two-a>two-b']);
  assert.match(pairs(one, one) as string, /its own source/);
  assert.match(pairs(two, two) as string, /in common/);
});

test('what can not be told is refused with the reason, unless somebody names the pod', () => {
  assert.match(pairs(one, pair) as string, /one of the 2 pods of statefulset\.apps\/pair/);
  assert.deepEqual(pairs(one, pair, 'pair-1'), ['one-a>pair-1']);
  assert.match(pairs(one, pair, 'pair-7') as string, /no pod of the name pair-7/);
  assert.match(
    pairs(set, pair) as string,
    /set-0, set-1, set-2, set-10 of set and pair-0, pair-1 of pair are ready/,
  );
  assert.match(pairs(two, pair) as string, /2 pods of two is known of StatefulSets alone/);
  assert.match(pairs(pair, two) as string, /2 pods of two is known of StatefulSets alone/);
});

test('a pod that is not ready has its keys all the same: no other one gets them', () => {
  const halves = cache('halves', 'StatefulSet', ['halves-0', 'halves-2'], { replicas: 3 });
  assert.match(pairs(halves, pair) as string, /halves-0, halves-2 of halves and pair-0, pair-1/);
  const whole = cache('whole', 'StatefulSet', ['whole-0', 'whole-1', 'whole-2'], { replicas: 3 });
  assert.match(pairs(halves, whole) as string, /of the same ordinals/);
  const alone = cache('alone', 'StatefulSet', ['alone-1'], { replicas: 2 });
  assert.match(pairs(pair, alone) as string, /pair-0, pair-1 of pair and alone-1 of alone/);
  assert.match(pairs(one, alone) as string, /one of the 2 pods of statefulset/);
  const later = cache('later', 'StatefulSet', ['later-5', 'later-6'], { ordinals: { start: 5 } });
  assert.deepEqual(pairs(pair, later), ['pair-0>later-5', 'pair-1>later-6']);
});
