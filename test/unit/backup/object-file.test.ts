import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectFileName } from '../../../src/backup/object-file.ts';

const file = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  objectFileName({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }, 'shop');

test('a file is named after the kind, its group and the object', () => {
  assert.equal(file('apps/v1', 'Deployment', 'my-memcached', 'shop'), 'deployment.apps-my-memcached');
  assert.equal(file('v1', 'Service', 'my-memcached', 'shop'), 'service-my-memcached');
});

test('an object of another namespace has it in front, a cluster-wide one has none', () => {
  assert.equal(file('v1', 'Secret', 'x', 'other'), 'other_secret-x');
  assert.equal(file('v1', 'Namespace', 'shop'), 'namespace-shop');
});

test('what file systems refuse or fold is escaped', () => {
  assert.equal(
    file('rbac.authorization.k8s.io/v1', 'Role', 'system:Admin', 'shop'),
    'role.rbac.authorization.k8s.io-system%3A%41dmin',
  );
  assert.equal(file('v1', 'ConfigMap', '../x', 'shop'), 'configmap-..%2Fx');
  assert.equal(file('v1', 'ConfigMap', '50%', 'shop'), 'configmap-50%25');
  assert.equal(file('v1', 'ConfigMap', 'é😀', 'shop'), 'configmap-%C3%A9%F0%9F%98%80');
});

test('the longest names that Kubernetes allows make names that file systems allow, and still differ', () => {
  const names = ['a', 'b'].map((last) => file('v1', 'Secret', `${'x'.repeat(252)}${last}`, 'other'));
  for (const name of names) assert.ok(Buffer.byteLength(`${name}.json`) <= 255, name);
  assert.notEqual(names[0], names[1]);
});
