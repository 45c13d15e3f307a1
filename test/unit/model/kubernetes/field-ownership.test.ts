import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../../../src/model/json/json.ts';
import {
  changedOwners,
  isFieldOwned,
  ownershipToGiveBack,
  writingManager,
} from '../../../../src/model/kubernetes/field-ownership.ts';
import { aConfigMap, aDeployment } from '../../../support/objects.ts';

const REPLICAS = { 'f:spec': { 'f:replicas': {} } };
const IMAGE = { 'f:spec': { 'f:template': {} } };

test('everybody gets their fields back but the controllers of status', () => {
  const raw = aDeployment('x')
    .ownedBy('helm', IMAGE)
    .ownedBy('kube-controller-manager', {}, { operation: 'Update', subresource: 'status' })
    .ownedBy('kubectl', REPLICAS, { operation: 'Update', subresource: 'scale' });
  assert.deepEqual(
    ownershipToGiveBack(raw.object).map((entry) => stringAt(entry, 'manager')),
    ['helm', 'kubectl'],
  );
});

test('owners are as they were when only times moved', () => {
  const raw = aDeployment('x').ownedBy('helm', IMAGE);
  const live = aDeployment('x').ownedBy('helm', IMAGE, { time: '2026-11-23T00:00:00Z' });
  assert.deepEqual(changedOwners(raw.object, live.object), []);
});

test('a manager that came, went, or owns something else is named with what it did', () => {
  const raw = aDeployment('x').ownedBy('helm', IMAGE).ownedBy('argocd', REPLICAS);
  const live = aDeployment('x')
    .ownedBy('helm', REPLICAS)
    .ownedBy('kubectl-patch', IMAGE, { operation: 'Update' });
  assert.deepEqual(changedOwners(raw.object, live.object), [
    'helm (Apply)',
    'argocd (Apply)',
    'kubectl-patch (Update)',
  ]);
});

test('what the HPA controller scaled is nobody’s business', () => {
  const raw = aDeployment('x').ownedBy('helm', IMAGE);
  const live = raw.ownedBy('kube-controller-manager', REPLICAS, {
    operation: 'Update',
    subresource: 'scale',
  });
  assert.deepEqual(changedOwners(raw.object, live.object), []);
});

test('one manager may have several shares, told apart by API version and subresource, in any order', () => {
  const plain = { operation: 'Update' };
  const scale = { operation: 'Update', subresource: 'scale' };
  const raw = aDeployment('x').ownedBy('kubectl', IMAGE, plain).ownedBy('kubectl', REPLICAS, scale);
  const same = aDeployment('x').ownedBy('kubectl', REPLICAS, scale).ownedBy('kubectl', IMAGE, plain);
  assert.deepEqual(changedOwners(raw.object, same.object), []);
  const moved = aDeployment('x').ownedBy('kubectl', {}, plain).ownedBy('kubectl', REPLICAS, scale);
  assert.deepEqual(changedOwners(raw.object, moved.object), ['kubectl (Update)']);
});

test('a copy without managedFields has nothing to give back, so nothing has changed', () => {
  const live = aConfigMap('x').ownedBy('helm', {});
  assert.deepEqual(changedOwners(aConfigMap('x').object, live.object), []);
});

test('a restore writes as a manager that owned the object already, as Helm where it did', () => {
  const both = aConfigMap('x').ownedBy('argocd', {}).ownedBy('helm', {});
  assert.equal(writingManager(both.object, 'helm'), 'helm');
  assert.equal(writingManager(aConfigMap('x').ownedBy('kubectl', {}).object, 'helm'), 'kubectl');
  assert.equal(writingManager(aConfigMap('x').object, 'helm'), 'helm');
});

test('a field is owned where any manager has it, status aside', () => {
  const isReplicasOwned = (raw: ReturnType<typeof aDeployment>) =>
    isFieldOwned(raw.object, (fields) => objectAt(fields, 'f:spec', 'f:replicas') !== undefined);
  assert.equal(isReplicasOwned(aDeployment('x').ownedBy('helm', IMAGE).ownedBy('kubectl', REPLICAS)), true);
  assert.equal(isReplicasOwned(aDeployment('x').ownedBy('c', REPLICAS, { subresource: 'status' })), false);
  assert.equal(isReplicasOwned(aDeployment('x').with({ metadata: { managedFields: [1, {}] } })), false);
});
