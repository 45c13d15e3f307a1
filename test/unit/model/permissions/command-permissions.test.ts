import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { type KubeObject, nameOf, type ObjectRef } from '../../../../src/model/kubernetes/object.ts';
import {
  type BackupKinds,
  NO_BACKUP,
  type PermissionCommand,
  type PermissionScope,
  permissionsOf,
  permissionText,
  rulesFor,
  type ServedKind,
} from '../../../../src/model/permissions/command-permissions.ts';
import {
  bindingsOf,
  parseSubject,
  type RoleOwner,
  roleName,
  rolesOf,
} from '../../../../src/model/permissions/rbac-manifests.ts';
import { type AlreadyThere, roleText } from '../../../../src/output/role-text.ts';
import { grantRules } from '../../../../src/permissions/grant-permissions.ts';
import { assertGolden } from '../../golden.ts';

const SECRET: ServedKind = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const DEPLOYMENT: ServedKind = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
const MONITOR: ServedKind = {
  apiVersion: 'monitoring.example.org/v1',
  kind: 'Monitor',
  plural: 'monitors',
  namespaced: true,
};
const CLUSTER_ROLE: ServedKind = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
};

/** A Deployment and a custom object of the release, a Secret that it refers to, a ClusterRole recorded. */
const BACKUP: BackupKinds = {
  all: [DEPLOYMENT, SECRET, MONITOR, CLUSTER_ROLE],
  created: [DEPLOYMENT, SECRET, MONITOR],
  replaced: [DEPLOYMENT, MONITOR],
  deleted: [DEPLOYMENT, SECRET, MONITOR],
  helmRecords: SECRET,
  workloads: true,
  statefulSets: true,
  elsewhere: [],
};

function texts(command: PermissionCommand, given: Partial<PermissionScope> = {}): string[] {
  const scope: PermissionScope = {
    namespace: 'cache',
    doctorKinds: [],
    releaseKinds: [DEPLOYMENT, SECRET],
    backupKinds: NO_BACKUP,
    namespaceMissing: false,
    ...given,
  };
  return rulesFor(command, scope).flatMap(permissionsOf).map(permissionText).sort();
}

test('list and show need nothing', () => {
  assert.deepEqual([...texts('list'), ...texts('show')], []);
});

test('backup only reads: no verb but list and get, and a connection to the pods', () => {
  assert.deepEqual(texts('backup'), [
    'create pods/portforward in namespace cache',
    'get namespaces "cache" in namespace cache',
    'get namespaces "kube-system"',
    'get pods/portforward in namespace cache',
    'list deployments.apps in namespace cache',
    'list secrets in namespace cache',
  ]);
});

test('of all namespaces, the same is needed in the whole cluster', () => {
  assert.deepEqual(texts('backup', { namespace: undefined }), [
    'create pods/portforward',
    'get namespaces "kube-system"',
    'get pods/portforward',
    'list deployments.apps',
    'list namespaces',
    'list secrets',
  ]);
});

test('status and doctor of all namespaces ask for each of them by name', () => {
  for (const command of ['status', 'doctor'] as const) {
    const all = texts(command, { namespace: undefined });
    assert.ok(all.includes('get namespaces'), command);
    assert.ok(all.every((text) => !text.includes(' in namespace ')));
    assert.ok(!texts(command).includes('get namespaces'), command);
  }
});

test('a backup adds the kinds that it holds, each once', () => {
  const added = texts('backup', { backupKinds: BACKUP }).filter((text) => !texts('backup').includes(text));
  assert.deepEqual(added, [
    'list clusterroles.rbac.authorization.k8s.io',
    'list monitors.monitoring.example.org in namespace cache',
  ]);
});

test('restore writes the kinds of the backup, its own records, and no others', () => {
  const restore = new Set(texts('restore', { backupKinds: BACKUP }));
  const writes = [...restore].filter((text) => !/^(?:list|get) /.test(text));
  assert.deepEqual(writes, [
    'create deployments.apps in namespace cache',
    'create leases.coordination.k8s.io in namespace cache',
    'create monitors.monitoring.example.org in namespace cache',
    'create pods/eviction in namespace cache',
    'create pods/portforward in namespace cache',
    'create secrets in namespace cache',
    'delete deployments.apps in namespace cache',
    'delete leases.coordination.k8s.io in namespace cache',
    'delete monitors.monitoring.example.org in namespace cache',
    'delete pods in namespace cache',
    'delete secrets in namespace cache',
    'patch deployments.apps in namespace cache',
    'patch monitors.monitoring.example.org in namespace cache',
    'patch pods in namespace cache',
    'patch secrets in namespace cache',
    'update deployments.apps in namespace cache',
    'update leases.coordination.k8s.io in namespace cache',
    'update monitors.monitoring.example.org in namespace cache',
    // Helm's record; the Secret itself is only referred to, and never written over.
    'update secrets in namespace cache',
  ]);
});

test('pods are deleted only where the backup holds a StatefulSet', () => {
  const withoutSets = texts('restore', { backupKinds: { ...BACKUP, statefulSets: false } });
  assert.ok(!withoutSets.includes('delete pods in namespace cache'));
});

test('only a missing namespace needs to be created, and looked through before it is deleted again', () => {
  const needed = ['create namespaces', 'delete namespaces', 'list *.* in namespace cache'];
  const before = texts('restore', { backupKinds: BACKUP });
  const missing = texts('restore', { backupKinds: BACKUP, namespaceMissing: true });
  assert.deepEqual(
    missing.filter((text) => !before.includes(text)),
    needed,
  );
});

const RBAC = 'rbac.authorization.k8s.io';

function rbac(kind: string, name: string, rest: JsonObject): KubeObject {
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name, namespace: 'cache' }, ...rest };
}

test('who writes a Role has to hold what it grants', () => {
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['m'], verbs: ['get', 'watch'] };
  const [held, ...others] = grantRules([rbac('Role', 'm', { rules: [rule] })], 'cache');
  assert.deepEqual(others, []);
  assert.deepEqual(permissionsOf(held!).map(permissionText), [
    'get configmaps "m" in namespace cache',
    'watch configmaps "m" in namespace cache',
  ]);
  assert.equal(permissionText(held!.orElse!), `escalate roles.${RBAC} "m" in namespace cache`);
});

test('who binds a role that the backup lacks needs "bind"; of its own Role the rules are held', () => {
  const binding = (kind: string, name: string): KubeObject =>
    rbac('RoleBinding', 'b', { roleRef: { apiGroup: RBAC, kind, name }, subjects: [] });
  const own = rbac('Role', 'own', { rules: [] });
  const bound = (ref: KubeObject) =>
    grantRules([own, ref], 'cache').flatMap(permissionsOf).map(permissionText);
  assert.deepEqual(bound(binding('Role', 'own')), []);
  assert.deepEqual(bound(binding('Role', 'other')), [`bind roles.${RBAC} "other" in namespace cache`]);
  assert.deepEqual(bound(binding('ClusterRole', 'view')), [
    `bind clusterroles.${RBAC} "view" in namespace cache`,
  ]);
});

test('roles and bindings as YAML for kubectl apply', () => {
  const scope: PermissionScope = {
    namespace: 'cache',
    doctorKinds: [],
    releaseKinds: [DEPLOYMENT, SECRET],
    backupKinds: NO_BACKUP,
    namespaceMissing: false,
  };
  const name = roleName({ command: 'backup', namespace: 'cache' });
  const roles = rolesOf(rulesFor('backup', scope), name);
  const bindings = bindingsOf(roles, name, parseSubject('system:serviceaccount:ops:bot'));
  const answers: AlreadyThere[] = ['new', 'own', 'foreign', 'unknown'];
  const there = ({ kind }: ObjectRef): AlreadyThere =>
    answers[['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].indexOf(kind)]!;
  assertGolden('permissions/backup.yaml', roleText({ roles, bindings, there }));
});

test('no two owners share the name of a role, however they are called', () => {
  const release = (namespace: string, name: string) => ({ namespace, name });
  const owners: RoleOwner[] = [
    { command: 'restore', namespace: 'a', release: release('a', 'b-c') },
    { command: 'restore', namespace: 'a-b', release: release('a-b', 'c') },
    { command: 'restore', namespace: 'x', release: release('x', 'cart') },
    { command: 'restore', namespace: 'y', release: release('y', 'cart') },
    { command: 'backup', namespace: 'x' },
    { command: 'backup', namespace: undefined },
    { command: 'backup', namespace: undefined, release: release('x', 'cart') },
    { command: 'backup', namespace: undefined, release: release('y', 'cart') },
    { command: 'backup', namespace: 'x', release: release('x', 'cart') },
    { command: 'restore', namespace: 'n'.repeat(63), release: release('n'.repeat(63), 'r'.repeat(250)) },
    { command: 'restore', namespace: 'n'.repeat(63), release: release('n'.repeat(63), 'r'.repeat(251)) },
  ];
  const names = owners.map(roleName);
  assert.equal(new Set(names).size, owners.length, names.join('\n'));
  assert.equal(names[0], 'memcached-backup:restore:a:b-c');
  assert.ok(names.every((name) => name.length <= 253));
});

test('no two subjects share the name of a binding', () => {
  const subjects = [
    'user:a b',
    'user:a-b',
    'user:a/b',
    'group:a-b',
    'system:serviceaccount:user:a-b',
    'user:é',
  ];
  const rule = { namespace: undefined, apiGroups: [''], resources: ['pods'], verbs: ['get'], why: '' };
  const [role] = rolesOf([rule], 'r');
  const names = subjects.map((text) => nameOf(bindingsOf([role!], 'r', parseSubject(text))[0]!));
  assert.equal(new Set(names).size, subjects.length, names.join('\n'));
  for (const name of names) assert.match(name, /^r:[\w:.@-]+$/);
});

test('whom a role is bound to', () => {
  assert.deepEqual(parseSubject('system:serviceaccount:ops:bot'), {
    kind: 'ServiceAccount',
    namespace: 'ops',
    name: 'bot',
  });
  assert.deepEqual(parseSubject('user:jane@example.org'), { kind: 'User', name: 'jane@example.org' });
  assert.deepEqual(parseSubject('group:ops'), { kind: 'Group', name: 'ops' });
  for (const wrong of ['jane', 'system:serviceaccount:ops', 'user:', ''])
    assert.throws(() => parseSubject(wrong), /nobody that a role can be bound to/);
});
