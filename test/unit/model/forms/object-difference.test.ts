import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ObjectSide,
  objectDifferences,
  type SideObject,
} from '../../../../src/model/forms/object-difference.ts';
import { type JsonObject, objectAt } from '../../../../src/model/json/json.ts';
import { type KubeObject, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';

function configMap(name: string, data: JsonObject, metadata: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'cache', ...metadata }, data };
}

function deployment(spec: JsonObject): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'm', namespace: 'cache' }, spec };
}

const HPA: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'm', namespace: 'cache' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'm' } },
};

function side(objects: KubeObject[], given: Partial<ObjectSide> = {}, from = 'manifest'): ObjectSide {
  const byKey = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
  return {
    objects: objects.map((object): SideObject => ({ ref: refOf(object), role: 'owned', from, object })),
    has: (ref) => byKey.has(keyOf(ref)),
    find: (ref) => byKey.get(keyOf(ref)),
    otherScalers: [],
    isUnread: () => false,
    ...given,
  };
}

test('what the server writes is no difference, nor is the order of keys', () => {
  const before = configMap('a', { x: '1', y: '2' }, { uid: 'u1', resourceVersion: '1', managedFields: [] });
  const after = configMap('a', { y: '2', x: '1' }, { uid: 'u2', resourceVersion: '9', generation: 4 });
  assert.deepEqual(objectDifferences(side([before]), side([after])), []);
});

test('a changed field is named with both values', () => {
  const [difference, ...others] = objectDifferences(
    side([configMap('a', { x: '1' })]),
    side([configMap('a', { x: '2' })]),
  );
  assert.deepEqual(others, []);
  assert.equal(difference?.change, 'changed');
  assert.deepEqual(difference.fields, [{ path: 'data.x', from: '1', to: '2' }]);
});

test('objects of one side only are missing or added', () => {
  const found = objectDifferences(side([configMap('old', {})]), side([configMap('new', {})]));
  assert.deepEqual(
    found.map(({ ref, change }) => [ref.name, change]),
    [
      ['old', 'missing'],
      ['new', 'added'],
    ],
  );
});

test('an object that may not be read is not called missing', () => {
  const unread = side([], { isUnread: ({ kind }) => kind === 'ConfigMap' });
  assert.deepEqual(objectDifferences(side([configMap('a', {})]), unread), []);
});

test("hooks that Helm ran since are not added, and a hook's Job that is gone is not missing", () => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'cache' },
  };
  assert.deepEqual(objectDifferences(side([job], {}, 'hook'), side([])), []);
  assert.deepEqual(objectDifferences(side([]), side([configMap('h', {})], {}, 'hook')), []);
});

test('replicas that an HPA drives are no difference, and are one where none does', () => {
  const was = deployment({ replicas: 2 });
  const is = deployment({ replicas: 5 });
  assert.deepEqual(objectDifferences(side([was, HPA]), side([is, HPA])), []);
  assert.deepEqual(objectDifferences(side([was]), side([is], { otherScalers: [HPA] })), []);
  assert.equal(objectDifferences(side([was]), side([is])).length, 1);
});

test("the server's own answer takes the place of the backup's form", () => {
  const was = deployment({ replicas: 2 });
  const defaulted = deployment({ replicas: 2, newField: 'default' });
  const expected = new Map([[keyOf(refOf(was)), defaulted]]);
  assert.equal(objectDifferences(side([was]), side([defaulted])).length, 1);
  assert.deepEqual(objectDifferences(side([was]), side([defaulted]), expected), []);
});

test('of a Secret both forms hold digests, and which keys changed', () => {
  const secret = (data: JsonObject): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'cache' },
    data,
  });
  const [difference] = objectDifferences(
    side([secret({ same: 'c2FtZQ==', other: 'b2xk' })]),
    side([secret({ same: 'c2FtZQ==', other: 'bmV3' })]),
  );
  assert.deepEqual(
    difference?.fields.map(({ path }) => path),
    ['data.other'],
  );
  // printf old | sha256sum
  assert.equal(objectAt(difference?.before, 'data')?.other, 'sha256:cba06b57');
  assert.doesNotMatch(JSON.stringify(difference), /b2xk|bmV3|c2FtZQ/);
});
