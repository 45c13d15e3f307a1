import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf } from '../../../../src/model/kubernetes/object.ts';
import {
  type Permission,
  permissionsOf,
  permissionText,
} from '../../../../src/model/permissions/command-permissions.ts';
import type { Plan, PlannedObject } from '../../../../src/model/plan/plan.ts';
import { asAskedHere, rulesOfPlan } from '../../../../src/restore/plan/plan-permissions.ts';

const SERVICE = { apiVersion: 'v1', kind: 'Service', namespace: 'cache', name: 'm' };

function object(action: PlannedObject['action']): PlannedObject {
  return { action, ref: SERVICE, role: 'owned', reason: '', changes: [], checked: false };
}

function asked(given: Partial<Plan>, tried: string[] = []): string[] {
  const plan: Plan = {
    backup: { id: '', cluster: '', namespace: 'cache', release: 'm', takenAt: '' },
    namespace: { name: 'cache', action: 'keep' },
    helm: { action: 'none' },
    objects: [],
    cachesEmptied: 0,
    unchecked: [],
    warnings: [],
    refusals: [],
    nothingToDo: false,
    ...given,
  };
  const kind = { ...SERVICE, plural: 'services', namespaced: true };
  return rulesOfPlan(plan, () => kind, new Set(tried), 'secret')
    .flatMap(permissionsOf)
    .map(permissionText)
    .filter((text) => !/leases|portforward/.test(text))
    .map((text) => text.replace(' in namespace cache', ''))
    .sort();
}

test('what is kept takes nothing', () => {
  assert.deepEqual(asked({ objects: [object('keep')] }), []);
});

test('each action takes what it does and what undoes it', () => {
  assert.deepEqual(asked({ objects: [object('create')] }), [
    'create services',
    'delete services',
    'get services',
    'patch services',
  ]);
  assert.deepEqual(asked({ objects: [object('replace')] }), [
    'get services',
    'patch services',
    'update services',
  ]);
  assert.deepEqual(asked({ objects: [object('delete')] }), [
    'create services',
    'delete services',
    'patch services',
  ]);
  assert.deepEqual(asked({ objects: [object('restart')] }), ['create pods/eviction', 'get services']);
});

test('pods of what is held by OnDelete are evicted', () => {
  const workload = (kind: string) => ({ apiVersion: 'apps/v1', kind, namespace: 'cache', name: 'm' });
  const paced = (kind: string) =>
    asked({ paced: { workloads: [workload(kind)], hitRatio: 0.9, timeoutSeconds: 1 } });
  assert.deepEqual(paced('StatefulSet'), ['create pods/eviction']);
  assert.deepEqual(paced('Deployment'), [], 'its controller takes its pods away');
});

test('a claim is never deleted, not by an undo either', () => {
  const ref = { ...SERVICE, kind: 'PersistentVolumeClaim' };
  const claim = { ...object('create'), ref };
  assert.deepEqual(asked({ objects: [claim] }), ['create services', 'get services', 'patch services']);
});

test('what the server was asked to try is not asked again', () => {
  const tried = [keyOf(SERVICE)];
  assert.deepEqual(asked({ objects: [object('replace')] }, tried), ['get services', 'patch services']);
  assert.equal(asked({ objects: [object('create')] }, tried).includes('create services'), false);
});

test("Helm's record and a missing namespace are writes too", () => {
  const helm: Plan['helm'] = { action: 'new-revision', revision: 2, from: 1, superseded: [], failed: [] };
  assert.deepEqual(asked({ helm }), ['create secrets', 'update secrets']);
  assert.deepEqual(asked({ helm: { action: 'delete-history', revisions: [1] } }), ['delete secrets']);
  const namespace = { name: 'cache', action: 'create' } as const;
  assert.deepEqual(asked({ namespace }), ['create namespaces', 'delete namespaces']);
});

function portForward(verb: string): Permission {
  return { namespace: 'cache', group: '', resource: 'pods/portforward', verb };
}

const OF_VERSION: [version: string, verbs: string[]][] = [
  ['v1.28.15', ['get']],
  ['v1.34.4', ['get']],
  ['v1.35.0', ['get', 'create']],
  ['v1.37.2-gke.1', ['get', 'create']],
  ['unknown', ['get']],
];
for (const [version, verbs] of OF_VERSION) {
  test(`${version} asks for ${verbs.join(' and ')} of a port-forward`, async () => {
    const lacked = ['get', 'create'].map(portForward);
    assert.deepEqual(await asAskedHere(lacked, async () => version), verbs.map(portForward));
  });
}

test('the version is not asked where nothing depends on it', async () => {
  const lacked = [portForward('get'), { ...portForward('create'), resource: 'pods/eviction' }];
  const refused = () => assert.fail('asked');
  assert.deepEqual(await asAskedHere(lacked, refused), lacked);
});
