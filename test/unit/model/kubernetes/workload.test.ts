import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { nameOf } from '../../../../src/model/kubernetes/object.ts';
import {
  controllerUid,
  currentReplicaSet,
  isMemcachedWorkload,
  isPodReady,
  isScaledBy,
  isWorkload,
  podsOfWorkload,
  podTemplateOf,
  replicasOf,
  selects,
} from '../../../../src/model/kubernetes/workload.ts';
import {
  aContainer,
  aDeployment,
  anAutoscaler,
  anObject,
  aPod,
  aReplicaSet,
  aService,
  type Fixture,
} from '../../../support/objects.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const deployment = aDeployment('x')
  .served()
  .annotated({ [REVISION]: '2' });
const [oldSet, newSet] = [aReplicaSet(deployment.object, 1), aReplicaSet(deployment.object, 2)];

const currents = (workload: Fixture, sets: Fixture[], pods: Fixture[]) =>
  podsOfWorkload(
    workload.object,
    sets.map(({ object }) => object),
    pods.map(({ object }) => object),
  ).map(({ pod, current }) => [nameOf(pod), current]);

test('workloads are the three kinds of apps', () => {
  assert.ok(isWorkload(deployment.object));
  assert.ok(isWorkload(anObject('apps/v1', 'StatefulSet', 'x').object));
  assert.ok(isWorkload(anObject('apps/v1', 'DaemonSet', 'x').object));
  assert.ok(!isWorkload(anObject('apps/v1', 'ReplicaSet', 'x').object));
  assert.ok(!isWorkload(anObject('a.b/v1', 'Deployment', 'x').object));
});

test('a memcached workload is one that runs it', () => {
  assert.ok(isMemcachedWorkload(deployment.object));
  const nginx = { spec: { template: { spec: { containers: [{ name: 'memcached', image: 'nginx' }] } } } };
  assert.ok(!isMemcachedWorkload(deployment.with(nginx).object));
  const job = anObject('batch/v1', 'Job', 'x').with({
    spec: { template: { spec: { containers: [aContainer()] } } },
  });
  assert.ok(!isMemcachedWorkload(job.object));
});

test('the pod template is found in workloads, Jobs and CronJobs', () => {
  assert.ok(podTemplateOf(deployment.object));
  const cron = anObject('batch/v1', 'CronJob', 'x').with({
    spec: { jobTemplate: { spec: { template: { a: 1 } } } },
  });
  assert.deepEqual(podTemplateOf(cron.object), { a: 1 });
  assert.equal(podTemplateOf(aService('x').object), undefined);
});

test('replicas default to 1, and a DaemonSet wants what its nodes want', () => {
  assert.equal(replicasOf(deployment.object), 2);
  assert.equal(replicasOf(deployment.with({ spec: { replicas: 0 } }).object), 0);
  assert.equal(replicasOf(deployment.without('spec', 'replicas').object), 1);
  const daemons = anObject('apps/v1', 'DaemonSet', 'x').with({ status: { desiredNumberScheduled: 3 } });
  assert.deepEqual([replicasOf(daemons.object), replicasOf(daemons.without('status').object)], [3, 0]);
});

test('the controller is the owner that says so', () => {
  const pod = aPod('p', deployment.object).object;
  assert.equal(controllerUid(pod), 'uid-of-Deployment-x');
  const owned = aService('x').with({ metadata: { ownerReferences: [{ uid: 'u' }] } });
  assert.equal(controllerUid(owned.object), undefined);
});

test("the current ReplicaSet is the Deployment's own of its revision", () => {
  const sets = [oldSet.object, newSet.object];
  assert.equal(currentReplicaSet(deployment.object, sets), newSet.object);
  assert.equal(currentReplicaSet(deployment.without('metadata', 'annotations').object, sets), undefined);
  const stranger = aReplicaSet(aDeployment('other').served().object, 2).object;
  assert.equal(currentReplicaSet(deployment.object, [stranger]), undefined);
});

test('a change of the template that the controller has not seen leaves no pod current', () => {
  const changed = deployment.with({ metadata: { generation: 2 }, status: { observedGeneration: 1 } });
  assert.equal(currentReplicaSet(changed.object, [oldSet.object, newSet.object]), undefined);
  const pod = aPod('p', newSet.object);
  assert.deepEqual(currents(changed, [newSet], [pod]), [['p', false]]);
  const seen = deployment.with({ metadata: { generation: 2 }, status: { observedGeneration: 2 } });
  assert.deepEqual(currents(seen, [newSet], [pod]), [['p', true]]);
});

test("a Deployment's pods come through its ReplicaSets, in order of their names", () => {
  const pods = [
    aPod('b', newSet.object),
    aPod('a', oldSet.object),
    aPod('stranger', aReplicaSet(aDeployment('other').served().object, 2).object),
  ];
  assert.deepEqual(currents(deployment, [oldSet, newSet], pods), [
    ['a', false],
    ['b', true],
  ]);
});

test('pods that are going or have finished do not count', () => {
  const pods = [
    aPod('going', newSet.object).with({ metadata: { deletionTimestamp: '2026-11-22T10:00:00Z' } }),
    aPod('failed', newSet.object).with({ status: { phase: 'Failed' } }),
    aPod('finished', newSet.object).with({ status: { phase: 'Succeeded' } }),
    aPod('pending', newSet.object).with({ status: { phase: 'Pending' } }),
  ];
  assert.deepEqual(currents(deployment, [newSet], pods), [['pending', true]]);
});

test("a StatefulSet's pods are current by their revision hash, a DaemonSet's by the template's generation", () => {
  const set = anObject('apps/v1', 'StatefulSet', 'x')
    .served()
    .with({ status: { observedGeneration: 1, updateRevision: 'r2' } });
  const pod = (name: string, labels: Record<string, string>, owner: Fixture) =>
    aPod(name, owner.object).labelled(labels);
  const hashed = ['r1', 'r2'].map((hash) => pod(hash, { 'controller-revision-hash': hash }, set));
  assert.deepEqual(currents(set, [], hashed), [
    ['r1', false],
    ['r2', true],
  ]);
  assert.deepEqual(currents(set.without('status'), [], hashed), [
    ['r1', false],
    ['r2', false],
  ]);
  const daemons = anObject('apps/v1', 'DaemonSet', 'x')
    .served()
    .annotated({ 'deprecated.daemonset.template.generation': '2' });
  const numbered = ['1', '2'].map((each) => pod(each, { 'pod-template-generation': each }, daemons));
  assert.deepEqual(currents(daemons, [], numbered), [
    ['1', false],
    ['2', true],
  ]);
});

test('a pod is ready when its condition says True', () => {
  const pod = aPod('p', newSet.object);
  assert.ok(isPodReady(pod.object));
  assert.ok(!isPodReady(pod.with({ status: { conditions: [{ type: 'Ready', status: 'False' }] } }).object));
  assert.ok(!isPodReady(pod.without('status').object));
});

test('an HPA scales the workload of the kind, group and name that it says', () => {
  const scales = (target: JsonObject) =>
    isScaledBy(deployment.object, anAutoscaler('h', 'x').with({ spec: { scaleTargetRef: target } }).object);
  assert.ok(scales({}));
  assert.ok(!scales({ name: 'y' }));
  assert.ok(!scales({ kind: 'StatefulSet' }));
  assert.ok(!scales({ apiVersion: 'a.b/v1' }));
  const silent = anAutoscaler('h', 'x').without('spec', 'scaleTargetRef', 'apiVersion');
  assert.ok(isScaledBy(deployment.object, silent.object));
});

test('a selector picks what has all its labels; an empty one picks nothing', () => {
  const pod = aPod('p', newSet.object).labelled({ app: 'x', tier: 'cache' }).object;
  assert.ok(selects({ app: 'x' }, pod));
  assert.ok(!selects({ app: 'x', tier: 'web' }, pod));
  assert.ok(!selects({}, pod));
  assert.ok(!selects(undefined, pod));
});
