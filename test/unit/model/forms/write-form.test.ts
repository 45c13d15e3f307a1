import assert from 'node:assert/strict';
import { test } from 'node:test';
import { creationForm, replacementForm } from '../../../../src/model/forms/write-form.ts';
import { type JsonObject, objectAt } from '../../../../src/model/json/json.ts';
import { annotationsOf, type KubeObject } from '../../../../src/model/kubernetes/object.ts';
import {
  aClaim,
  aConfigMap,
  aDeployment,
  anObject,
  aService,
  aServiceAccount,
  controlledBy,
  type Fixture,
} from '../../../support/objects.ts';

const PORT_KEY = 'k:{"port":11211,"protocol":"TCP"}';
const CHOSEN = { 'f:spec': { 'f:ports': { [PORT_KEY]: { 'f:nodePort': {} } } } };
const ALLOCATED = { 'f:spec': { 'f:ports': { [PORT_KEY]: { 'f:port': {} } } } };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const REVISION = 'deployment.kubernetes.io/revision';

const withNodePort = (nodePort: number): Fixture =>
  aService('x').with({ spec: { type: 'NodePort', ports: [{ port: 11211, protocol: 'TCP', nodePort }] } });
const spec = (object: KubeObject): JsonObject => object.spec as JsonObject;
const metadata = (object: KubeObject): JsonObject => object.metadata as JsonObject;
const nodePorts = (object: KubeObject) => (spec(object).ports as JsonObject[]).map((port) => port.nodePort);

test('a creation sends nothing that the server writes', () => {
  const raw = aConfigMap('x')
    .served()
    .ownedBy('helm', {})
    .with({
      metadata: { ownerReferences: [controlledBy(aDeployment('y').served().object)] },
      status: {},
    });
  assert.deepEqual(creationForm(raw.object), aConfigMap('x').object);
});

test("kubectl's last-applied annotation is written: apply would warn without it", () => {
  const raw = aConfigMap('x').annotated({ [LAST_APPLIED]: '{}' }).object;
  assert.equal(annotationsOf(creationForm(raw))[LAST_APPLIED], '{}');
  assert.equal(annotationsOf(replacementForm(raw, aConfigMap('x').served().object))[LAST_APPLIED], '{}');
});

test('a Deployment starts its revisions anew when created, and counts on from live when replaced', () => {
  const raw = aDeployment('x').annotated({ [REVISION]: '3' }).object;
  assert.equal(annotationsOf(creationForm(raw))[REVISION], undefined);
  const live = aDeployment('x').annotated({ [REVISION]: '7', unowned: 'yes' }).object;
  assert.deepEqual(annotationsOf(replacementForm(raw, live)), { [REVISION]: '7' });
  assert.deepEqual(annotationsOf(replacementForm(raw, aDeployment('x').object)), {});
});

test('a claim is created unbound', () => {
  const raw = aClaim('x')
    .annotated({
      'pv.kubernetes.io/bind-completed': 'yes',
      'volume.kubernetes.io/storage-provisioner': 'of.the.old.cluster',
    })
    .with({
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
    });
  assert.deepEqual(creationForm(raw.object), aClaim('x').without('spec', 'volumeName').object);
});

test('a Service is created without what was allocated, with what was chosen', () => {
  const allocated = creationForm(withNodePort(31211).ownedBy('helm', ALLOCATED).object);
  assert.deepEqual([spec(allocated).clusterIP, ...nodePorts(allocated)], [undefined, undefined]);
  const chosen = withNodePort(31211).ownedBy('helm', {
    'f:spec': { ...CHOSEN['f:spec'], 'f:clusterIP': {} },
  });
  assert.deepEqual(
    [spec(creationForm(chosen.object)).clusterIP, ...nodePorts(creationForm(chosen.object))],
    ['10.96.0.7', 31211],
  );
});

test('a headless Service is created headless', () => {
  const raw = aService('x')
    .with({ spec: { clusterIP: 'None', clusterIPs: ['None'] } })
    .ownedBy('helm', ALLOCATED);
  assert.equal(spec(creationForm(raw.object)).clusterIP, 'None');
});

test('a replacement takes identity, version, finalizers and owners from live', () => {
  const live = aService('x')
    .served('205')
    .with({ metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] } });
  const form = replacementForm(aService('x').served('100').ownedBy('helm', ALLOCATED).object, live.object);
  assert.deepEqual(metadata(form), {
    name: 'x',
    namespace: 'shop',
    uid: 'uid-of-Service-x',
    resourceVersion: '205',
    finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
  });
});

test('a replacement keeps the live address: it can not be changed', () => {
  const live = aService('x').with({ spec: { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] } }).object;
  const form = replacementForm(aService('x').ownedBy('helm', ALLOCATED).object, live);
  assert.deepEqual([spec(form).clusterIP, spec(form).clusterIPs], ['10.96.9.9', ['10.96.9.9']]);
});

test('headless over an address, or the reverse, is sent as it was: the server must refuse it', () => {
  const headless = aService('x').with({ spec: { clusterIP: 'None', clusterIPs: ['None'] } }).object;
  assert.equal(spec(replacementForm(headless, aService('x').object)).clusterIP, 'None');
  assert.equal(spec(replacementForm(aService('x').object, headless)).clusterIP, '10.96.0.7');
});

test('a chosen nodePort is put back, an allocated one stays what it is now', () => {
  const live = withNodePort(32000).object;
  assert.deepEqual(
    nodePorts(replacementForm(withNodePort(31211).ownedBy('helm', CHOSEN).object, live)),
    [31211],
  );
  assert.deepEqual(
    nodePorts(replacementForm(withNodePort(31211).ownedBy('helm', ALLOCATED).object, live)),
    [32000],
  );
});

test('a Service that had no nodePort gets none from live: its type does not allow one', () => {
  const raw = aService('x').ownedBy('helm', ALLOCATED);
  assert.deepEqual(nodePorts(replacementForm(raw.object, withNodePort(32000).object)), [undefined]);
});

test('an allocated nodePort whose port is not there now is left to the server', () => {
  const live = withNodePort(32000).with({
    spec: { ports: [{ port: 9150, protocol: 'TCP', nodePort: 32001 }] },
  });
  assert.deepEqual(
    nodePorts(replacementForm(withNodePort(31211).ownedBy('helm', ALLOCATED).object, live.object)),
    [undefined],
  );
});

test('under an HPA the live replica count stays', () => {
  const raw = aDeployment('x').object;
  const live = aDeployment('x').with({ spec: { replicas: 5 } }).object;
  assert.equal(spec(replacementForm(raw, live, true)).replicas, 5);
  assert.equal(spec(replacementForm(raw, live)).replicas, 2);
  assert.equal(spec(creationForm(raw)).replicas, 2);
});

test('a ServiceAccount keeps the live list of its token Secrets', () => {
  const raw = aServiceAccount('x').with({ secrets: [{ name: 'x-token-old' }] }).object;
  const live = aServiceAccount('x').with({ secrets: [{ name: 'x-token-new' }] }).object;
  assert.deepEqual(replacementForm(raw, live).secrets, [{ name: 'x-token-new' }]);
  assert.equal('secrets' in replacementForm(raw, aServiceAccount('x').object), false);
});

test('what a person added to the live object does not survive a replacement', () => {
  const live = aConfigMap('x', { 'memcached.conf': '-m 1\n', extra: '1' }).labelled({
    unowned: 'yes',
  }).object;
  const form = replacementForm(aConfigMap('x').object, live);
  assert.deepEqual(
    [form.data, objectAt(form, 'metadata', 'labels')],
    [{ 'memcached.conf': '-m 64\n' }, undefined],
  );
});

test('an object without a spec is replaced as well', () => {
  const raw = anObject('rbac.authorization.k8s.io/v1', 'Role', 'x').with({ rules: [] });
  assert.deepEqual(replacementForm(raw.object, raw.served().object).rules, []);
});

test('a Job keeps the selector by which the live one finds its pods', () => {
  const job = (uid: string) => {
    const labels = { 'batch.kubernetes.io/controller-uid': uid };
    const template = { metadata: { labels } };
    return anObject('batch/v1', 'Job', 'x').with({ spec: { selector: { matchLabels: labels }, template } })
      .object;
  };
  assert.deepEqual(spec(replacementForm(job('old'), job('new'))), spec(job('new')));
  assert.equal('selector' in spec(creationForm(job('old'))), false);
});
