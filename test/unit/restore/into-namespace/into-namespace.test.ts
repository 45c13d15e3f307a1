import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import { type JsonObject, stringAt } from '../../../../src/model/json/json.ts';
import { intoNamespace } from '../../../../src/restore/into-namespace/into-namespace.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aConfigMap, anObject, aService, Fixture } from '../../../support/objects.ts';
import { aSource, saved } from '../../../support/restore-source.ts';
import { spelled } from '../../spelled.ts';

const into = (source: ReturnType<typeof aSource>, to = 'drill') => intoNamespace(source, to).moved;
const released = (...manifest: JsonObject[]) => ({ history: [aRevision(1, 'deployed', { manifest })] });

test('what is cluster-wide or lies elsewhere stays behind, and uninstalling the copy would delete it', () => {
  const role = new Fixture({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'cart' },
  });
  const config = aConfigMap('cart').with({ metadata: { namespace: 'monitoring' } });
  const source = aSource(
    [
      saved(role, 'recorded', 'manifest; cluster-wide'),
      saved(config, 'recorded', 'manifest; in namespace monitoring'),
    ],
    released(role.object, config.object),
  );
  assert.deepEqual(into(source)?.notes, [
    "left to the original, though Helm's record of the copy names them too: clusterrole.rbac.authorization.k8s.io/cart, configmap/cart in monitoring; take this restore back with undo, for an uninstall by Helm would delete them",
  ]);
});

test('is refused where the release has objects in the target itself', () => {
  const config = aConfigMap('cart').with({ metadata: { namespace: 'drill' } });
  const source = aSource([], released(config.object));
  assert.deepEqual(into(source)?.refusals, [
    'the release in shop has objects in namespace drill itself: configmap/cart; choose another namespace',
  ]);
  assert.deepEqual(into(source, 'third')?.refusals, []);
});

test('tells of marks by which Argo CD or Flux would find the copy', () => {
  const marked = aConfigMap('cart').labelled({ 'argocd.argoproj.io/instance': 'shop' });
  assert.deepEqual(into(aSource([saved(marked), saved(aConfigMap('other'))]))?.notes, [
    'Argo CD application "shop" is still named on configmap/cart, and may change or delete what it finds there',
  ]);
});

describe('what only one Service can have', () => {
  const fields = {
    'f:spec': { 'f:clusterIP': {}, 'f:ports': { 'k:{"port":11211,"protocol":"TCP"}': { 'f:nodePort': {} } } },
  };
  const outside = aService('cart').with({
    spec: { type: 'NodePort', ports: [{ port: 11211, protocol: 'TCP', nodePort: 31211 }] },
  });

  test('is left out, and told where somebody had asked for it', () => {
    const { objects, moved } = intoNamespace(aSource([saved(outside.ownedBy('helm', fields))]), 'drill');
    assert.deepEqual(objects[0]?.raw.spec, {
      type: 'NodePort',
      selector: { app: 'cart' },
      ports: [{ port: 11211, protocol: 'TCP' }],
    });
    assert.deepEqual(moved?.notes, [
      'service/cart asks for clusterIP 10.96.0.7, nodePort 31211, which the original may hold: it gets another one',
    ]);
  });

  test('is left out without a word where the cluster had allocated it; a headless Service stays one', () => {
    const headless = aService('nodes').with({ spec: { clusterIP: 'None', clusterIPs: ['None'] } });
    const { objects, moved } = intoNamespace(
      aSource([saved(outside.ownedBy('helm', { 'f:spec': {} })), saved(headless)]),
      'drill',
    );
    assert.deepEqual(moved?.notes, []);
    assert.equal(stringAt(objects[1]?.raw, 'spec', 'clusterIP'), 'None');
  });
});

test('a manifest that can not be rewritten is an error that names the revision, and nothing is written', () => {
  const manifest =
    'metadata:\n  name: cart\n  namespace: &ns shop\ndata: {peer: *ns}\nkind: ConfigMap\napiVersion: v1\n';
  const source = aSource([], { history: [aRevision(3, 'deployed', { manifest })] });
  assert.throws(
    () => into(source),
    (error) =>
      error instanceof ToolError &&
      /^Helm revision 3 of cart can't be rewritten for namespace drill: .*anchor/.test(error.message) &&
      error.untouched === 'the cluster was not changed' &&
      /helm get manifest cart --revision 3 -n shop/.test(spelled(error.next)),
  );
});

test('the namespace to be made has the labels of the old one, without those that name it', () => {
  const source = aSource([saved(anObject('v1', 'ConfigMap', 'cart'))]);
  source.document.namespace = {
    name: 'shop',
    labels: { team: 'a', 'kubernetes.io/metadata.name': 'shop' },
    annotations: {
      note: 'b',
      'kubectl.kubernetes.io/last-applied-configuration': '{"metadata":{"name":"shop"}}',
    },
  };
  assert.deepEqual(intoNamespace(source, 'drill').document.namespace, {
    name: 'drill',
    labels: { team: 'a' },
    annotations: { note: 'b' },
  });
});
