import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectFileName } from '../../../src/backup/object-file.ts';
import { keyOf } from '../../../src/model/kubernetes/object.ts';

/** Kubernetes' own groups and those of common operators; no group is another one and a hyphenated rest. */
const apiVersion = fc.constantFrom(
  'v1',
  'apps/v1',
  'batch/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'cert-manager.io/v1',
  'cert-manager.io/v2',
);
const kind = fc.constantFrom('Secret', 'Role', 'RoleBinding', 'Deployment', 'Issuer');
const label = fc.string({ unit: fc.constantFrom(...'ab-'), minLength: 1, maxLength: 4 });
// RBAC allows any path segment as a name.
const name = fc.oneof(
  label,
  fc.string({ unit: fc.constantFrom(...'aA:_.%-é😀'), minLength: 1, maxLength: 5 }),
  fc.string({ unit: fc.constantFrom(...'aA'), minLength: 250, maxLength: 253 }),
);
const ref = fc.record({ apiVersion, kind, namespace: fc.constantFrom('shop', 'other', 'a-b'), name });

test('two objects never share a file', () => {
  fc.assert(
    fc.property(ref, ref, (a, b) => {
      assert.equal(objectFileName(a, 'shop') === objectFileName(b, 'shop'), keyOf(a) === keyOf(b));
    }),
    { numRuns: 2000 },
  );
});

test('no name leaves its folder, is too long, or differs only in case', () => {
  fc.assert(
    fc.property(ref, (each) => {
      const file = objectFileName(each, 'shop');
      assert.match(file, /^[a-z0-9._%A-F~-]+$/);
      assert.ok(file.length <= 200);
      assert.doesNotMatch(file, /^\.|(?<!%[0-9A-F]?)[A-F]/);
    }),
  );
});
