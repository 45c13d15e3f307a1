import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endCause, waitingCause } from '../../../../src/model/kubernetes/container-reason.ts';
import { rolloutBlockingReasons } from '../../../../src/model/kubernetes/rollout.ts';

test('what passes by itself, or is not known, is no cause', () => {
  for (const reason of ['ContainerCreating', 'PodInitializing', '', 'constructor', undefined])
    assert.equal(waitingCause(reason), undefined, String(reason));
});

test('how a container ended', () => {
  assert.equal(endCause('Completed', 0), undefined);
  assert.equal(endCause('Error', 1), 'exit');
  assert.equal(endCause('OOMKilled', 137), 'out-of-memory');
  assert.equal(endCause('StartError', 128), 'start');
  assert.equal(endCause(undefined, undefined), undefined);
});

test('a restore that waits names each cause that doctor names', () => {
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } };
  for (const reason of [
    'ImageInspectError',
    'RegistryUnavailable',
    'SignatureValidationFailed',
    'PreCreateHookError',
    'PostStartHookError',
  ]) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      status: { containerStatuses: [{ name: 'c', state: { waiting: { reason, message: 'no' } } }] },
    };
    assert.deepEqual(rolloutBlockingReasons(workload, [pod]), [`pod/p: ${reason}: no`]);
  }
});
