import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inInstallOrder } from '../../../../src/model/kubernetes/install-order.ts';

const sorted = (...kinds: string[]) => inInstallOrder(kinds, (kind) => kind);

test('what others need comes first', () => {
  assert.deepEqual(
    sorted(
      'Ingress',
      'HorizontalPodAutoscaler',
      'Deployment',
      'Service',
      'RoleBinding',
      'Role',
      'ConfigMap',
      'Secret',
      'ServiceAccount',
      'Namespace',
    ),
    [
      'Namespace',
      'ServiceAccount',
      'Secret',
      'ConfigMap',
      'Role',
      'RoleBinding',
      'Service',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
    ],
  );
});

test('kinds that Helm does not know come last', () => {
  assert.deepEqual(sorted('ServiceMonitor', 'Ingress', 'Secret'), ['Secret', 'Ingress', 'ServiceMonitor']);
});

test('within a kind the given order stays, and the given list is left alone', () => {
  const items = ['Service b', 'Secret z', 'Service a'];
  assert.deepEqual(
    inInstallOrder(items, (item) => item.split(' ')[0]!),
    ['Secret z', 'Service b', 'Service a'],
  );
  assert.equal(items[0], 'Service b');
});
