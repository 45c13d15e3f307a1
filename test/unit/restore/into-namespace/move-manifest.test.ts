import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveManifest } from '../../../../src/restore/into-namespace/move-manifest.ts';

const move = (text: string) => moveManifest(text, 'shop', 'drill');

test('only the fields of the list change in the text, to the letter', () => {
  const manifest = (namespace: string) => `---
# Source: cart/templates/a.yaml   (shop)
apiVersion: v1
kind: ConfigMap
metadata:
    name: shop   # not a namespace
    namespace:   ${namespace}   # shop
    labels: {namespace: shop}
data:
  conf: |
    namespace: shop
---
{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
 "metadata": {"name": "cart", "namespace": "${namespace}"},
 "subjects": [{kind: ServiceAccount, name: cart, namespace: '${namespace}'}, {kind: User, name: shop}]}
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: elsewhere}
---
`;
  assert.equal(move(manifest('shop')), manifest('drill'));
});

test('a name that YAML would take for something else is quoted', () => {
  assert.equal(
    moveManifest('metadata: {namespace: shop}\n', 'shop', '123'),
    'metadata: {namespace: "123"}\n',
  );
  assert.equal(moveManifest('metadata: {namespace: shop}\n', 'shop', 'on'), 'metadata: {namespace: "on"}\n');
});

test('of two equal keys the one that counts is rewritten', () => {
  assert.equal(
    move('metadata:\n  namespace: other\n  namespace: shop\n'),
    'metadata:\n  namespace: other\n  namespace: drill\n',
  );
});

test('an alias is written out, so that what it points at stays', () => {
  assert.equal(
    move('x: &ns shop\nmetadata:\n  namespace: *ns\n'),
    'x: &ns shop\nmetadata:\n  namespace: drill\n',
  );
});

test('where a field can not be changed alone, nothing is: an anchor that something else uses', () => {
  assert.throws(
    () => move('metadata:\n  namespace: &ns shop\ndata:\n  peer: *ns\n'),
    /can't be rewritten alone/,
  );
});

test('without a namespace a text stays as it is, also one of blank documents', () => {
  for (const text of ['', '---\n', '# shop\n', 'kind: A\nmetadata: {name: shop}\n---\n\n'])
    assert.equal(move(text), text);
});
