import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean, isNodePortChosen, putBack } from '../../../../src/model/forms/clean.ts';
import { creationForm } from '../../../../src/model/forms/write-form.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import {
  aClaim,
  aConfigMap,
  aDeployment,
  anObject,
  aSecret,
  aService,
  type Fixture,
} from '../../../support/objects.ts';

const NODE_PORT = {
  'f:spec': {
    'f:ports': { 'k:{"port":11211,"protocol":"TCP"}': { '.': {}, 'f:nodePort': {}, 'f:port': {} } },
  },
};
const NO_NODE_PORT = {
  'f:spec': { 'f:ports': { 'k:{"port":11211,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
};

const nodePortService = (): Fixture =>
  aService('x').with({
    spec: { type: 'NodePort', ports: [{ name: 'memcache', port: 11211, protocol: 'TCP', nodePort: 31211 }] },
  });

function removedPaths(fixture: Fixture): string[] {
  return clean(fixture.object).removed.map(({ path }) => path.join('.'));
}

test('what the server writes goes: status and the system fields of metadata', () => {
  const raw = aConfigMap('x')
    .served()
    .ownedBy('helm', {})
    .with({
      metadata: { selfLink: '/x', deletionTimestamp: '2026-11-22T10:00:00Z', deletionGracePeriodSeconds: 30 },
      status: { seen: true },
    });
  assert.deepEqual(clean(raw.object).object, aConfigMap('x').object);
  assert.equal(removedPaths(raw).length, 9);
});

test('what a person writes stays, also where it looks empty', () => {
  const raw = anObject('networking.k8s.io/v1', 'NetworkPolicy', 'x').with({
    metadata: { labels: {}, annotations: {} },
    spec: { podSelector: {}, ingress: [{}], egress: [], policyTypes: ['Ingress'], note: '', none: null },
  });
  assert.deepEqual(clean(raw.object), { object: raw.object, removed: [] });
});

test("the server's own annotations go, and their map only where nothing else is in it", () => {
  const annotations = {
    'deployment.kubernetes.io/revision': '3',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  };
  assert.deepEqual(removedPaths(aConfigMap('x').annotated(annotations)), ['metadata.annotations']);
  const shared = aConfigMap('x').annotated({ ...annotations, mine: 'yes' });
  assert.deepEqual(clean(shared.object).object, aConfigMap('x').annotated({ mine: 'yes' }).object);
});

test("finalizers of the cluster go, a person's own stays", () => {
  const own = aClaim('x').with({
    metadata: { finalizers: ['kubernetes.io/pvc-protection', 'example.com/mine'] },
  });
  assert.deepEqual((clean(own.object).object.metadata as JsonObject).finalizers, ['example.com/mine']);
  const none = aClaim('x').with({ metadata: { finalizers: ['kubernetes.io/pvc-protection'] } });
  assert.equal('finalizers' in (clean(none.object).object.metadata as JsonObject), false);
});

test('an allocated address goes; a chosen one and the None of a headless Service stay', () => {
  const allocated = aService('x').ownedBy('helm', NO_NODE_PORT);
  assert.deepEqual(removedPaths(allocated), ['metadata.managedFields', 'spec.clusterIP', 'spec.clusterIPs']);
  const chosen = aService('x').ownedBy('helm', { 'f:spec': { 'f:clusterIP': {} } });
  assert.deepEqual(removedPaths(chosen), ['metadata.managedFields']);
  const headless = aService('x').with({ spec: { clusterIP: 'None', clusterIPs: ['None'] } });
  assert.deepEqual(removedPaths(headless.ownedBy('helm', NO_NODE_PORT)), ['metadata.managedFields']);
});

test('an allocated nodePort goes, a chosen one stays', () => {
  const port = (fixture: Fixture) =>
    ((clean(fixture.object).object.spec as JsonObject).ports as JsonObject[])[0]!.nodePort;
  assert.equal(port(nodePortService().ownedBy('helm', NODE_PORT)), 31211);
  assert.equal(port(nodePortService().ownedBy('helm', NO_NODE_PORT)), undefined);
});

test('who chose a nodePort is read by port and protocol, UDP apart from TCP', () => {
  const service = nodePortService().ownedBy('helm', NODE_PORT).object;
  assert.equal(isNodePortChosen(service, { port: 11211 }), true);
  assert.equal(isNodePortChosen(service, { port: 11211, protocol: 'UDP' }), false);
  assert.equal(isNodePortChosen(service, { port: 11212 }), false);
});

test('without managedFields nobody knows who chose: what is allocated is kept', () => {
  assert.deepEqual(removedPaths(nodePortService()), []);
});

test('ports that the status controller owns were not chosen', () => {
  const service = nodePortService()
    .ownedBy('cloud', NODE_PORT, { subresource: 'status' })
    .ownedBy('helm', NO_NODE_PORT);
  assert.equal(isNodePortChosen(service.object, { port: 11211 }), false);
});

test('a claim loses its volume, which nobody could bind again', () => {
  assert.ok(removedPaths(aClaim('x')).includes('spec.volumeName'));
});

test('the data of a Secret is untouched', () => {
  const secret = aSecret('x', { password: 'p' });
  assert.deepEqual(clean(secret.served().object).object, secret.object);
});

test('the null creationTimestamp of a template goes, one that says something stays', () => {
  const template = (creationTimestamp: string | null) =>
    aDeployment('x')
      .without('status')
      .with({ spec: { template: { metadata: { creationTimestamp } } } });
  assert.deepEqual(removedPaths(template(null)), ['spec.template.metadata.creationTimestamp']);
  assert.deepEqual(removedPaths(template('2026-11-22T10:00:00Z')), []);
});

test('cleaning leaves the raw object alone', () => {
  const { object } = aDeployment('x').served();
  const before = JSON.stringify(object);
  clean(object);
  assert.equal(JSON.stringify(object), before);
});

test('what was removed can be put back', () => {
  const raw = nodePortService()
    .served()
    .ownedBy('helm', NO_NODE_PORT)
    .annotated({ 'deployment.kubernetes.io/revision': '1' });
  assert.deepEqual(putBack(clean(raw.object)), raw.object);
});

test('an object without metadata is cleaned without complaint', () => {
  assert.deepEqual(clean({ kind: 'x', status: 1 }).object, { kind: 'x' });
});

test('a Job loses the selector and labels of its own uid, unless its author chose them', () => {
  const job = anObject('batch/v1', 'Job', 'x').with({
    spec: {
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
      template: {
        metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'u', 'controller-uid': 'u', app: 'x' } },
      },
    },
  });
  const expected = anObject('batch/v1', 'Job', 'x').with({
    spec: { template: { metadata: { labels: { app: 'x' } } } },
  });
  assert.deepEqual(clean(job.object).object, expected.object);
  assert.deepEqual(putBack(clean(job.object)), job.object);
  assert.deepEqual(removedPaths(job.with({ spec: { manualSelector: true } })), []);
  assert.deepEqual(creationForm(job.object), expected.object);
});

test('templates of a StatefulSet or CronJob lose what the server writes into them', () => {
  const set = anObject('apps/v1', 'StatefulSet', 'x').with({
    spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {}, status: { phase: 'Pending' } }] },
  });
  assert.deepEqual(removedPaths(set), ['spec.volumeClaimTemplates.0.status']);
  const metadata = { creationTimestamp: null };
  const cron = anObject('batch/v1', 'CronJob', 'x').with({
    spec: { jobTemplate: { metadata, spec: { template: { metadata } } } },
  });
  assert.deepEqual(removedPaths(cron), [
    'spec.jobTemplate.metadata.creationTimestamp',
    'spec.jobTemplate.spec.template.metadata.creationTimestamp',
  ]);
});
