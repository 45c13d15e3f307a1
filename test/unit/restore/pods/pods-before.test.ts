import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestoreSource } from '../../../../src/backup/source.ts';
import { type KubeObject, refOf } from '../../../../src/model/kubernetes/object.ts';
import { notUpAgain } from '../../../../src/restore/pods/pods-before.ts';

function deployment(availableReplicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop', generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas },
  };
}

function before(raw: KubeObject): RestoreSource {
  const ref = refOf(raw);
  return {
    objects: [{ ref, raw, entry: { ...ref, role: 'owned', from: '', raw: '' } }],
  } as unknown as RestoreSource;
}

const rollout = (done: boolean) => ({ ref: refOf(deployment(0)), done, message: '', obstacles: [] });

test('an undo misses the pods that were up before the restore, and no others', () => {
  const up = before(deployment(1));
  assert.deepEqual(notUpAgain([rollout(false)], up), [rollout(false)]);
  assert.deepEqual(notUpAgain([rollout(true)], up), []);
  assert.deepEqual(notUpAgain([rollout(false)], before(deployment(0))), [], 'they were not up then');
});
