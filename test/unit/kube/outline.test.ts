import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineOf } from '../../../src/kube/outline.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';

test('an outline has what relates objects, in its usual place, and nothing of what is only long', () => {
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'cart',
      namespace: 'shop',
      uid: 'u-1',
      labels: { app: 'cart' },
      annotations: {
        'meta.helm.sh/release-name': 'cart',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
      ownerReferences: [{ uid: 'u-0', controller: true }],
      managedFields: [{ manager: 'helm' }],
    },
    spec: { replicas: 2, selector: { matchLabels: { app: 'cart' } }, template: { spec: { containers: [] } } },
    status: { observedGeneration: 1, conditions: [] },
  };
  assert.deepEqual(outlineOf(deployment), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'cart',
      namespace: 'shop',
      uid: 'u-1',
      labels: { app: 'cart' },
      annotations: { 'meta.helm.sh/release-name': 'cart' },
      ownerReferences: [{ uid: 'u-0', controller: true }],
    },
    spec: { selector: { matchLabels: { app: 'cart' } }, template: { spec: { containers: [] } } },
    status: {},
  });
});

test("of a ReplicaSet the template is left out: it is its Deployment's", () => {
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: { selector: {}, template: { spec: {} } } };
  assert.deepEqual(outlineOf(set).spec, { selector: {} });
});
