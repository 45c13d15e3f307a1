import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addRules } from '../../../../src/doctor/access/add-rules.ts';
import { judgeByBindings, type ReadableRbac } from '../../../../src/doctor/access/by-bindings.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { anObject } from '../../../support/objects.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const ACCOUNT = { namespace: 'shop', name: 'backup' };
const ME = { kind: 'ServiceAccount', ...ACCOUNT };
const EVERYBODY = { kind: 'Group', name: 'system:authenticated' };
const LIST_SECRETS = { namespace: 'shop', group: '', resource: 'secrets', verb: 'list' };

const ALLOWS = { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] };
const NOTHING = { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }] };

const aRole = (name: string, rules: JsonObject = NOTHING, namespace = 'shop'): KubeObject =>
  anObject(RBAC, 'Role', name, namespace).with(rules).object;

function aBinding(name: string, kind: string, role: string, ...subjects: JsonObject[]): KubeObject {
  return anObject(RBAC, 'RoleBinding', name).with({ roleRef: { kind, name: role }, subjects }).object;
}

describe('the Role that a rule is added to', () => {
  const roles = [aRole('a-everybody-reads'), aRole('backup')];
  const mine = aBinding('b', 'Role', 'backup', ME);
  const everybodys = aBinding('a', 'Role', 'a-everybody-reads', EVERYBODY);
  const target = (bindings: KubeObject[]): unknown => {
    const step = addRules(ACCOUNT, [LIST_SECRETS], roles, bindings)?.steps[0];
    return step?.action === 'patch' ? step.ref.name : step;
  };

  test('is one that only this account has', () => {
    assert.equal(target([everybodys, mine]), 'backup');
    assert.equal(target([everybodys]), undefined);
  });

  test('is its own also where the binding leaves the namespace out, which is the binding’s then', () => {
    const { namespace: _, ...here } = ME;
    assert.equal(target([aBinding('b', 'Role', 'backup', here)]), 'backup');
    assert.equal(target([aBinding('b', 'Role', 'backup', { ...here, namespace: 'other' })]), undefined);
  });

  test('is none that somebody else has too, in the same binding or in another one', () => {
    const other = { ...ME, name: 'other' };
    assert.equal(target([aBinding('b', 'Role', 'backup', ME, other)]), undefined);
    assert.equal(target([mine, aBinding('c', 'Role', 'backup', other)]), undefined);
    assert.equal(target([mine, aBinding('c', 'Role', 'backup', EVERYBODY)]), undefined);
    assert.equal(target([aBinding('b', 'ClusterRole', 'backup', ME)]), undefined);
  });
});

describe('what an account lacks, by roles and bindings that can be read', () => {
  const NAMESPACE_ADMIN: ReadableRbac = {
    namespace: 'shop',
    roles: [aRole('backup')],
    roleBindings: [aBinding('b', 'Role', 'backup', ME)],
    clusterRoles: undefined,
    clusterRoleBindings: undefined,
  };
  const ALL: ReadableRbac = { ...NAMESPACE_ADMIN, clusterRoles: [], clusterRoleBindings: [] };
  const verdict = (rbac: ReadableRbac, need = LIST_SECRETS): string => {
    const { missing, unknown } = judgeByBindings(ACCOUNT, [need], rbac);
    return missing.length > 0 ? 'missing' : unknown.length > 0 ? 'unknown' : 'allowed';
  };

  test('is missing where every list that matters was read', () => {
    assert.equal(verdict(ALL), 'missing');
    const bound = aBinding('b', 'Role', 'backup', ME);
    assert.equal(verdict({ ...ALL, clusterRoles: undefined, roleBindings: [bound] }), 'missing');
  });

  test('is unknown where cluster-wide bindings, or what a bound ClusterRole allows, can not be read', () => {
    assert.equal(verdict(NAMESPACE_ADMIN), 'unknown');
    const roleBindings = [aBinding('b', 'ClusterRole', 'admin', ME)];
    assert.equal(verdict({ ...ALL, clusterRoles: undefined, roleBindings }), 'unknown');
    assert.equal(verdict({ ...ALL, roles: undefined }), 'unknown');
    assert.equal(verdict({ ...ALL, roleBindings: undefined }), 'unknown');
  });

  test('is unknown in a namespace whose bindings were not listed', () => {
    assert.equal(verdict(ALL, { ...LIST_SECRETS, namespace: 'other' }), 'unknown');
    assert.equal(
      verdict({ ...ALL, namespace: undefined }, { ...LIST_SECRETS, namespace: 'other' }),
      'missing',
    );
  });

  test('is allowed where what can be read allows it, whatever else there is', () => {
    const allowing = { ...NAMESPACE_ADMIN, roles: [aRole('backup', ALLOWS)] };
    assert.equal(verdict(allowing), 'allowed');
    const { namespace: _, ...here } = ME;
    const subject = (one: JsonObject) => ({
      ...ALL,
      ...allowing,
      roleBindings: [aBinding('b', 'Role', 'backup', one)],
    });
    assert.equal(verdict(subject(here)), 'allowed', 'no namespace is the binding’s own');
    assert.equal(verdict(subject({ ...here, namespace: 'other' })), 'unknown');
  });
});
