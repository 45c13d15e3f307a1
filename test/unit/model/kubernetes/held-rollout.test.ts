import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt } from '../../../../src/model/json/json.ts';
import {
  comesBefore,
  HELD_LABEL,
  heldForm,
  steppingForm,
} from '../../../../src/model/kubernetes/held-rollout.ts';
import { aDeployment, anObject, withContainer } from '../../../support/objects.ts';

const spec = (strategy: object, more: object = {}) =>
  aDeployment('cart').with({ spec: { strategy: { ...strategy }, ...more } }).object;

test('a Deployment is paused, brings one pod before one goes, and says whose hold it is', () => {
  const meant = spec({ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } });
  const held = heldForm(meant, 'memcached-backup-x')!;
  assert.deepEqual(
    { ...objectAt(held, 'spec'), template: undefined, selector: undefined },
    {
      replicas: 2,
      paused: true,
      minReadySeconds: 5,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: undefined,
      selector: undefined,
    },
  );
  assert.equal(objectAt(held, 'metadata', 'labels')?.[HELD_LABEL], 'memcached-backup-x');
  assert.deepEqual(objectAt(held, 'spec', 'template'), objectAt(meant, 'spec', 'template'));
  assert.equal(objectAt(meant, 'spec')?.paused, undefined, 'what is meant stays as it is');
  assert.equal(comesBefore(held), true);
  assert.equal(objectAt(steppingForm(held), 'spec')?.paused, undefined);
  assert.equal(objectAt(steppingForm(held), 'spec')?.minReadySeconds, 5);
});

test('what has no pod come before another goes keeps to that', () => {
  for (const strategy of [
    { type: 'Recreate' },
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: '0%', maxUnavailable: '50%' } },
  ]) {
    const held = heldForm(spec(strategy), 'x')!;
    assert.deepEqual(objectAt(held, 'spec', 'strategy', 'rollingUpdate'), { maxSurge: 0, maxUnavailable: 1 });
    assert.equal(comesBefore(held), false);
  }
});

test('a port of the node is there once: one pod goes before one comes', () => {
  const cart = withContainer(aDeployment('cart'), { ports: [{ containerPort: 11211, hostPort: 11211 }] });
  assert.equal(comesBefore(heldForm(cart.object, 'x')!), false);
  const network = aDeployment('cart').with({ spec: { template: { spec: { hostNetwork: true } } } });
  assert.equal(comesBefore(heldForm(network.object, 'x')!), false);
});

test('minReadySeconds is never as long as the progress deadline, which the server would refuse', () => {
  for (const [given, seconds] of [
    [{ progressDeadlineSeconds: 4 }, 3],
    [{ minReadySeconds: 30 }, 30],
    [{ progressDeadlineSeconds: 1 }, 0],
  ] as const) {
    assert.equal(
      objectAt(heldForm(spec({ type: 'RollingUpdate' }, given), 'x'), 'spec')?.minReadySeconds,
      seconds,
    );
  }
});

test('StatefulSets and DaemonSets get OnDelete; what somebody holds himself, and other kinds, are left alone', () => {
  for (const kind of ['StatefulSet', 'DaemonSet']) {
    const rolling = anObject('apps/v1', kind, 'cart').with({
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } },
    });
    assert.deepEqual(objectAt(heldForm(rolling.object, 'x'), 'spec', 'updateStrategy'), { type: 'OnDelete' });
  }
  const held = (kind: string, given: object) =>
    heldForm(anObject('apps/v1', kind, 'cart').with({ spec: { ...given } }).object, 'x');
  assert.equal(held('Deployment', { paused: true }), undefined);
  assert.equal(held('StatefulSet', { updateStrategy: { type: 'OnDelete' } }), undefined);
  assert.equal(held('StatefulSet', { updateStrategy: { rollingUpdate: { partition: 1 } } }), undefined);
  assert.equal(held('ReplicaSet', {}), undefined);
});
