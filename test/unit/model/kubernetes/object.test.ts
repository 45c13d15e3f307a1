import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  annotationsOf,
  displayName,
  groupOf,
  keyOf,
  labelsOf,
  nameOf,
  refOf,
  stringMap,
  uidOf,
} from '../../../../src/model/kubernetes/object.ts';
import { aConfigMap, aDeployment } from '../../../support/objects.ts';

test('a reference names an object; cluster-wide kinds have no namespace', () => {
  assert.deepEqual(refOf(aDeployment('x').object), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'x',
  });
  assert.deepEqual(refOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }), {
    apiVersion: 'v1',
    kind: 'Namespace',
    name: 'x',
  });
  assert.deepEqual(refOf({}), { apiVersion: '', kind: '', name: '' });
});

test('the API group is what stands before the slash', () => {
  assert.deepEqual(
    [groupOf('apps/v1'), groupOf('v1'), groupOf('networking.k8s.io/v1')],
    ['apps', '', 'networking.k8s.io'],
  );
});

test('the key of an object is the same in every version of its group, and tells groups apart', () => {
  const ref = { kind: 'Foo', namespace: 'shop', name: 'x' };
  assert.equal(keyOf({ ...ref, apiVersion: 'a.b/v1' }), keyOf({ ...ref, apiVersion: 'a.b/v2' }));
  assert.notEqual(keyOf({ ...ref, apiVersion: 'a.b/v1' }), keyOf({ ...ref, apiVersion: 'v1' }));
});

test('messages name an object as kubectl does', () => {
  assert.equal(displayName(refOf(aDeployment('x').object)), 'deployment.apps/x');
  assert.equal(displayName(refOf(aConfigMap('x').object)), 'configmap/x');
});

test('labels and annotations are strings; anything else in their place is left out', () => {
  const object = { metadata: { name: 'x', uid: 'u', labels: { a: '1', b: 2 }, annotations: null } };
  assert.deepEqual(
    [labelsOf(object), annotationsOf(object), nameOf(object), uidOf(object)],
    [{ a: '1' }, {}, 'x', 'u'],
  );
  assert.deepEqual(stringMap([1]), {});
});
