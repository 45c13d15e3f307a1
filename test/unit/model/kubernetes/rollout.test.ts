import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { rolloutBlockingReasons, rolloutOf } from '../../../../src/model/kubernetes/rollout.ts';
import { aDeployment, anObject, aPod } from '../../../support/objects.ts';

/** "done", "failed" or "waiting", and what a person reads. */
function told(kind: string, spec: JsonObject, status: JsonObject, generation = 1): string[] {
  const workload = anObject('apps/v1', kind, 'x').with({
    metadata: { generation },
    spec,
    status: { observedGeneration: 1, ...status },
  });
  const { done, failed, message } = rolloutOf(workload.object);
  return [done ? 'done' : failed ? 'failed' : 'waiting', message.replace(/^\S+ /, '')];
}

test('a Deployment is done when all its pods are new and available', () => {
  const all = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const cases: [JsonObject, JsonObject, string[]][] = [
    [{ replicas: 2 }, all, ['done', '2 of 2 pods are available']],
    [{ replicas: 2 }, { ...all, updatedReplicas: 1 }, ['waiting', '1 of 2 pods are of the new template']],
    [{ replicas: 2 }, { ...all, replicas: 3 }, ['waiting', '1 old pod is going']],
    [{ replicas: 2 }, { ...all, availableReplicas: 1 }, ['waiting', '1 of 2 pods are available']],
    [{}, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, ['done', '1 of 1 pods are available']],
    [{ replicas: 0 }, {}, ['done', '0 of 0 pods are available']],
    [{ replicas: 2 }, {}, ['waiting', '0 of 2 pods are of the new template']],
  ];
  for (const [spec, status, expected] of cases) assert.deepEqual(told('Deployment', spec, status), expected);
});

test('a Deployment that exceeded its deadline has failed, and only once the controller has seen the change', () => {
  const status = { conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] };
  assert.deepEqual(told('Deployment', { replicas: 2 }, status), ['failed', 'exceeded its progress deadline']);
  assert.deepEqual(told('Deployment', { replicas: 2 }, status, 2), [
    'waiting',
    'waiting for the controller to see the change',
  ]);
});

test('a StatefulSet is done when all are ready and of one revision, a partition aside', () => {
  const same = { currentRevision: 'a', updateRevision: 'a', updatedReplicas: 3, readyReplicas: 3 };
  const rolling = { ...same, updateRevision: 'b', updatedReplicas: 1 };
  const partition = (from: number) => ({
    replicas: 3,
    updateStrategy: { rollingUpdate: { partition: from } },
  });
  assert.deepEqual(told('StatefulSet', { replicas: 3 }, same), ['done', '3 of 3 pods are available']);
  assert.deepEqual(told('StatefulSet', { replicas: 3 }, { ...same, readyReplicas: 2 }), [
    'waiting',
    '2 of 3 pods are ready',
  ]);
  assert.deepEqual(
    told('StatefulSet', { replicas: 3 }, { ...same, updatedReplicas: 1 }),
    ['waiting', '1 of 3 pods are of the new template'],
    'back at the template of before OnDelete',
  );
  assert.deepEqual(told('StatefulSet', { replicas: 3 }, rolling), [
    'waiting',
    '1 of 3 pods are of the new template',
  ]);
  assert.deepEqual(told('StatefulSet', partition(2), rolling), ['done', '3 of 3 pods are available']);
  assert.deepEqual(told('StatefulSet', partition(1), rolling), [
    'waiting',
    '1 of 2 pods beyond the partition are updated',
  ]);
  assert.deepEqual(told('StatefulSet', { replicas: 0 }, {}), ['done', '0 of 0 pods are available']);
});

test('a DaemonSet is done when every node has an updated, available pod', () => {
  const all = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
  assert.deepEqual(told('DaemonSet', {}, all), ['done', '3 of 3 pods are available']);
  assert.deepEqual(told('DaemonSet', {}, { ...all, updatedNumberScheduled: 1 }), [
    'waiting',
    '1 of 3 pods are of the new template',
  ]);
  assert.deepEqual(told('DaemonSet', {}, { ...all, numberAvailable: 2 }), [
    'waiting',
    '2 of 3 pods are available',
  ]);
});

test('blocking reasons are named in the words of the cluster, each once', () => {
  const owner = aDeployment('x').served();
  const refused = owner.with({
    status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] },
  });
  const pod = (status: JsonObject) => aPod('p', owner.object).without('status').with({ status }).object;
  const waiting = (reason: string, message?: string): JsonObject => ({
    containerStatuses: [{ state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } }],
  });
  const stuck = pod(waiting('ErrImagePull', 'no such image'));
  assert.deepEqual(rolloutBlockingReasons(refused.object, [stuck, stuck]), [
    'deployment.apps/x: exceeded quota',
    'pod/p: ErrImagePull: no such image',
  ]);
  assert.deepEqual(rolloutBlockingReasons(owner.object, [pod(waiting('CrashLoopBackOff'))]), [
    'pod/p: CrashLoopBackOff',
  ]);
  assert.deepEqual(rolloutBlockingReasons(owner.object, [pod(waiting('ContainerCreating'))]), []);
  assert.deepEqual(
    rolloutBlockingReasons(owner.object, [
      pod({
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      }),
    ]),
    ['pod/p: Unschedulable: 0/1 nodes'],
  );
});

test('a container that ended badly is a blocking reason, also an init container; one that ended well is none', () => {
  const owner = aDeployment('x').served().object;
  const ended = (list: string, exitCode: number) =>
    aPod('p', owner).with({ status: { [list]: [{ state: { terminated: { exitCode } } }] } }).object;
  assert.deepEqual(rolloutBlockingReasons(owner, [ended('initContainerStatuses', 1)]), [
    'pod/p: its container ended with exit code 1',
  ]);
  assert.deepEqual(rolloutBlockingReasons(owner, [ended('containerStatuses', 0)]), []);
});

test('a paused Deployment says so: it never finishes by itself', () => {
  const paused = aDeployment('x').with({ spec: { paused: true } });
  assert.deepEqual(rolloutBlockingReasons(paused.object, []), ['deployment.apps/x: it is paused']);
});
