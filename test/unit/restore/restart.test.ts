import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/model/object.ts';
import { isSettled } from '../../../src/restore/restart.ts';

const READY: KubeObject = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const COMING: KubeObject = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };

function deployment(spec: KubeObject = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cache', generation: 1 },
    spec: { replicas: 2, ...spec },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    },
  };
}

test('a status that does not know of the eviction yet is not believed: the pods themselves tell', () => {
  assert.equal(
    isSettled(deployment(), [READY]),
    false,
    'one was evicted, and its successor is not there yet',
  );
  assert.equal(isSettled(deployment(), [READY, COMING]), false);
  assert.equal(isSettled(deployment(), [READY, READY]), true);
});

test('a rollout under way is not settled, one that is held back is when its pods are ready', () => {
  const late = deployment();
  (late.status as KubeObject).availableReplicas = 1;
  assert.equal(isSettled(late, [READY, READY]), false);
  const paused = deployment({ paused: true });
  (paused.status as KubeObject).updatedReplicas = 0;
  assert.equal(isSettled(paused, [READY, READY]), true);
});
