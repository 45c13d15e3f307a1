import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { nameOf } from '../../../../src/model/kubernetes/object.ts';
import {
  isMadeFrom,
  isMemcachedDown,
  neverReadyPods,
  waitsForEachPod,
  wasNeverReady,
} from '../../../../src/model/kubernetes/stuck-pods.ts';
import { podTemplateOf } from '../../../../src/model/kubernetes/workload.ts';
import { aContainer, aDeployment, anObject, aPod, type Fixture } from '../../../support/objects.ts';

const SET = anObject('apps/v1', 'StatefulSet', 'ring').with({
  spec: { replicas: 3, template: { spec: { containers: [aContainer()] } } },
});
const START = Date.parse('2026-11-24T11:50:00Z');
const time = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const condition = (type: string, status: string, seconds: number): JsonObject => ({
  type,
  status,
  lastTransitionTime: time(seconds),
});

/** A pod whose image can't be pulled, as the kubelet writes it down. */
const STUCK = aPod('ring-1', SET.object).with({
  spec: { containers: [aContainer()] },
  status: {
    phase: 'Pending',
    startTime: time(0),
    conditions: [condition('Ready', 'False', 0), condition('ContainersReady', 'False', 0)],
    containerStatuses: [
      { name: 'memcached', ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } },
    ],
  },
});
const withStatus = (status: JsonObject): Fixture => STUCK.with({ status });

describe('a pod that was never ready', () => {
  test('its condition Ready has not changed since the kubelet took it up', () => {
    assert.equal(wasNeverReady(STUCK.object), true);
    const inTheNextSecond = ['Ready', 'ContainersReady'].map((type) => condition(type, 'False', 1));
    assert.equal(wasNeverReady(withStatus({ conditions: inTheNextSecond }).object), true);
  });

  test('no node took it', () => {
    const unscheduled = STUCK.without('status').with({ status: { phase: 'Pending', conditions: [] } });
    assert.equal(wasNeverReady(unscheduled.object), true);
  });

  test('a companion that is ready serves nothing', () => {
    const [memcached] = [{ name: 'memcached', ready: false }];
    const beside = withStatus({ containerStatuses: [memcached!, { name: 'exporter', ready: true }] });
    assert.equal(wasNeverReady(beside.object), true);
  });

  test('one that is ready, or was at any time, is none, whatever it does now', () => {
    const seconds = fc.integer({ min: 2, max: 10_000_000 });
    const isReady = fc.constantFrom('Ready', 'ContainersReady');
    fc.assert(
      fc.property(seconds, isReady, fc.boolean(), (later, type, isNow) => {
        const other = type === 'Ready' ? 'ContainersReady' : 'Ready';
        const conditions = [condition(type, isNow ? 'True' : 'False', later), condition(other, 'False', 0)];
        assert.equal(wasNeverReady(withStatus({ conditions }).object), false);
      }),
    );
    const serving = withStatus({ containerStatuses: [{ name: 'memcached', ready: true }] });
    assert.equal(wasNeverReady(serving.object), false);
  });

  test('where that can not be told, it counts as having been ready', () => {
    assert.equal(wasNeverReady(withStatus({ conditions: [] }).object), false);
    assert.equal(wasNeverReady(STUCK.without('status').object), false);
  });
});

describe('what a StatefulSet waits for', () => {
  const changed = (spec: JsonObject) => SET.with({ spec }).object;

  test('for each pod, in order, unless it was told otherwise', () => {
    assert.equal(waitsForEachPod(SET.object), true);
    assert.equal(waitsForEachPod(changed({ podManagementPolicy: 'Parallel' })), false);
    assert.equal(waitsForEachPod(changed({ updateStrategy: { type: 'OnDelete' } })), false);
    assert.equal(waitsForEachPod(aDeployment('cart').object), false);
  });

  test('the first one first, and none that its partition keeps', () => {
    const pods = ['ring-10', 'ring-2', 'ring-1'].map((name) => ({
      pod: STUCK.with({ metadata: { name } }).object,
      current: false,
    }));
    const names = (spec: JsonObject = {}) =>
      neverReadyPods(changed(spec), pods).map(({ pod }) => nameOf(pod));
    assert.deepEqual(names(), ['ring-1', 'ring-2', 'ring-10']);
    assert.deepEqual(names({ updateStrategy: { rollingUpdate: { partition: 2 } } }), ['ring-2', 'ring-10']);
    assert.deepEqual(names({ podManagementPolicy: 'Parallel' }), []);
  });
});

test('a pod is made from a template when its containers say the same', () => {
  assert.equal(isMadeFrom(STUCK.object, podTemplateOf(SET.object)), true);
  const other = SET.with({
    spec: { template: { spec: { containers: [aContainer({ args: ['-m', '8'] })] } } },
  });
  assert.equal(isMadeFrom(STUCK.object, podTemplateOf(other.object)), false);
});

test('a memcached that crashed or never started holds no cache; of one that nobody tells of, it may', () => {
  const withState = (state: JsonObject) =>
    withStatus({ containerStatuses: [{ name: 'memcached', ready: false, state }] }).object;
  assert.equal(isMemcachedDown(withState({ waiting: { reason: 'CrashLoopBackOff' } })), true);
  assert.equal(isMemcachedDown(withState({ terminated: { exitCode: 1 } })), true);
  assert.equal(isMemcachedDown(withState({ running: { startedAt: time(1) } })), false);
  assert.equal(isMemcachedDown(STUCK.without('status').object), false);
});
