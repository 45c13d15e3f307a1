import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LAST_APPLIED, moveObject, namespaceFields } from '../../../../src/model/forms/namespace-fields.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { aConfigMap, aDeployment, anObject, aService } from '../../../support/objects.ts';

const move = (object: JsonObject) => moveObject(object, 'shop', 'drill');

const binding = (namespace: string) =>
  anObject('rbac.authorization.k8s.io/v1', 'RoleBinding', 'cart', namespace).with({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'cart' },
    subjects: [
      { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' },
      { kind: 'ServiceAccount', name: 'agent', namespace: 'monitoring' },
      { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'system:serviceaccount:shop:cart' },
    ],
  }).object;

describe('of an object', () => {
  test('its namespace is rewritten, and what looks alike is not', () => {
    const { object } = aDeployment('shop').labelled({ namespace: 'shop' }).annotated({ namespace: 'shop' });
    assert.deepEqual(namespaceFields(object, 'shop'), [['metadata', 'namespace']]);
    assert.deepEqual(move(object), {
      ...object,
      metadata: { ...(object.metadata as JsonObject), namespace: 'drill' },
    });
  });

  test("Helm's annotation is rewritten", () => {
    const { object } = aService('cart').annotated({ 'meta.helm.sh/release-namespace': 'shop' });
    assert.deepEqual(move(object), {
      ...aService('cart').annotated({ 'meta.helm.sh/release-namespace': 'drill' }).object,
      metadata: {
        name: 'cart',
        namespace: 'drill',
        annotations: { 'meta.helm.sh/release-namespace': 'drill' },
      },
    });
  });

  test("a RoleBinding's ServiceAccounts of the namespace are rewritten, other subjects are not", () => {
    const { subjects } = move(binding('shop'));
    assert.deepEqual(subjects, [
      { kind: 'ServiceAccount', name: 'cart', namespace: 'drill' },
      { kind: 'ServiceAccount', name: 'agent', namespace: 'monitoring' },
      { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'system:serviceaccount:shop:cart' },
    ]);
  });

  test('of another namespace nothing is rewritten', () => {
    assert.deepEqual(move(binding('monitoring')), binding('monitoring'));
    const clusterWide = { ...binding('shop'), kind: 'ClusterRoleBinding', metadata: { name: 'cart' } };
    assert.deepEqual(move(clusterWide), clusterWide);
  });
});

describe('what kubectl last applied', () => {
  const applied = (text: string) => aConfigMap('cart').annotated({ [LAST_APPLIED]: text }).object;
  const after = (text: string) =>
    ((move(applied(text)).metadata as JsonObject).annotations as JsonObject)[LAST_APPLIED];

  test('is rewritten as kubectl writes it: to the byte but for the name', () => {
    const text = (namespace: string) =>
      `{"apiVersion":"v1","data":{"a":"1 \\u003c 2 \\u0026 \\u003e","n":"shop"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"cart","namespace":"${namespace}"},"x":1.0}\n`;
    assert.equal(after(text('shop')), text('drill'));
  });

  test('stays where it names no namespace, or is no JSON', () => {
    for (const text of ['{"kind":"ConfigMap",  "metadata":{}}', 'namespace: shop', '"shop"', ''])
      assert.equal(after(text), text);
  });
});

test('the items of a List are rewritten, those of a RoleBindingList without a kind too', () => {
  const { kind: _kind, apiVersion, ...item } = binding('shop');
  const list = { apiVersion: apiVersion!, kind: 'RoleBindingList', metadata: {}, items: [item] };
  assert.deepEqual(namespaceFields(list, 'shop'), [
    ['items', 0, 'metadata', 'namespace'],
    ['items', 0, 'subjects', 0, 'namespace'],
  ]);
});
