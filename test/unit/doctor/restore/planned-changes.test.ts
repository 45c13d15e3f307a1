import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planInWords } from '../../../../src/doctor/restore/plan-in-words.ts';
import {
  judgeUnservedKinds,
  otherOwners,
  plannedChanges,
} from '../../../../src/doctor/restore/planned-changes.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../../../../src/model/kubernetes/object.ts';
import { allSpelled } from '../../spelled.ts';
import { aPlan, aRehearsal, codes, DEPLOYMENT, planned, SERVICE, SUBJECT } from './rehearsals.ts';

const MONITOR: ObjectRef = {
  apiVersion: 'm.example.org/v1',
  kind: 'Monitor',
  namespace: 'cache',
  name: 'cart',
};

function liveWith(ref: ObjectRef, metadata: KubeObject): { find(wanted: ObjectRef): KubeObject | undefined } {
  const { apiVersion, kind, name, namespace } = ref;
  const object: KubeObject = { apiVersion, kind, metadata: { name, namespace: namespace!, ...metadata } };
  return { find: (wanted) => (keyOf(wanted) === keyOf(ref) ? object : undefined) };
}

test('a kind that is not known and one that is served in another version are two things', () => {
  const kind = { apiVersion: 'm.example.org/v1', kind: 'Monitor', objects: [MONITOR] };
  const found = judgeUnservedKinds(
    aRehearsal({ unserved: [kind, { ...kind, servedAs: 'm.example.org/v2' }] }),
    SUBJECT,
  );
  assert.deepEqual(codes(found), ['MB410', 'MB411']);
  assert.match(found[1]?.summary ?? '', /m\.example\.org\/v2 is$/);
});

test('what must be made again is a warning; a Service is a failure, because the restore refuses', () => {
  const objects = [planned(DEPLOYMENT, 'recreate', { reason: 'selector' }), planned(SERVICE, 'recreate')];
  const found = plannedChanges(aRehearsal({ plan: aPlan({ objects }) }), SUBJECT);
  assert.deepEqual(codes(found), ['MB412', 'MB413']);
  assert.deepEqual(allSpelled(found[1]?.advice), [
    'kubectl memcached-backup restore cart -n cache --recreate',
  ]);
  assert.deepEqual(plannedChanges(aRehearsal(), SUBJECT), []);
});

test('writes that nobody could try are a note, unless the namespace is all that is missing', () => {
  const unchecked = (why: string) =>
    aRehearsal({ plan: aPlan({ unchecked: [{ what: 'service/cart', why }] }) });
  assert.deepEqual(codes(plannedChanges(unchecked('a webhook does not support dry run'), SUBJECT)), [
    'MB415',
  ]);
  assert.deepEqual(plannedChanges(unchecked('its namespace does not exist yet'), SUBJECT), []);
});

test('an object with the mark of another release, or of the same name elsewhere, belongs to it', () => {
  const marked = (name: string, namespace: string) =>
    liveWith(SERVICE, {
      annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace },
    });
  const found = (name: string, namespace: string) =>
    codes(otherOwners(aRehearsal(), marked(name, namespace), SUBJECT));
  assert.deepEqual(found('cart', 'cache'), []);
  assert.deepEqual(found('shop', 'cache'), ['MB430']);
  assert.deepEqual(found('cart', 'elsewhere'), ['MB430']);
  assert.deepEqual(codes(otherOwners(aRehearsal(), liveWith(SERVICE, {}), SUBJECT)), []);
});

test('who would revert a restore is named with the command that suspends it', () => {
  const live = liveWith(DEPLOYMENT, { labels: { 'kustomize.toolkit.fluxcd.io/name': 'infra' } });
  const managers = ['Flux Kustomization "infra" manages deployment.apps/cart and would revert this'];
  const refusals = { ...aRehearsal().refusals, managers };
  const [finding] = otherOwners(aRehearsal({ refusals }), live, SUBJECT);
  assert.equal(finding?.code, 'MB431');
  assert.deepEqual(allSpelled(finding?.advice), [
    'flux suspend kustomization infra',
    'kubectl memcached-backup restore cart -n cache --force',
  ]);
  assert.equal(finding?.evidence.length, 1);
});

test('other workloads than memcached are worth knowing', () => {
  const refusals = { ...aRehearsal().refusals, workloads: ['deployment.apps/database'] };
  assert.deepEqual(codes(otherOwners(aRehearsal({ refusals }), liveWith(SERVICE, {}), SUBJECT)), ['MB432']);
});

test('a plan in words', () => {
  assert.equal(planInWords(aPlan({ nothingToDo: true })), 'it equals what runs');
  const proof = { verdict: 'unproven' as const, pods: [], notes: ['there is no pod to ask (0 replicas)'] };
  assert.equal(
    planInWords(aPlan({ proof })),
    'it would write no object; not proved: there is no pod to ask (0 replicas)',
  );
  assert.equal(planInWords(aPlan({ objects: [planned(SERVICE, 'create')] })), '1 object would change');
  const objects = [planned(SERVICE, 'replace'), planned(DEPLOYMENT, 'replace')];
  assert.equal(
    planInWords(aPlan({ objects, cachesEmptied: 2 })),
    '2 objects would change, 2 caches would be emptied',
  );
});
