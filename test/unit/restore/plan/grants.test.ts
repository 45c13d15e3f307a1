import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../../../src/model/json/json.ts';
import { namespaceGrants, newGrants } from '../../../../src/restore/plan/grants.ts';
import {
  aDeployment,
  anObject,
  aService,
  aServiceAccount,
  type Fixture,
  withContainer,
} from '../../../support/objects.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

function aRole(...rules: [verbs: string, groups: string, resources: string, names?: string][]): Fixture {
  const list = (text: string): string[] => text.split(' ').map((item) => (item === 'core' ? '' : item));
  return anObject(RBAC, 'Role', 'cart').with({
    rules: rules.map(([verbs, groups, resources, names]) => ({
      verbs: list(verbs),
      apiGroups: list(groups),
      resources: list(resources),
      ...(names === undefined ? {} : { resourceNames: list(names) }),
    })),
  });
}

function aBinding(kind: string, name: string, ...subjects: JsonObject[]): Fixture {
  return anObject(RBAC, 'RoleBinding', 'cart').with({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects,
  });
}

const CART = { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' };

/** In a release whose own account is "cart", with `bindings`. */
function grants(object: Fixture, live?: Fixture, bindings: Fixture[] = []): string[] {
  return newGrants(object.object, live?.object, {
    bindings: bindings.map((binding) => binding.object),
    isOwnAccount: (name) => name === 'cart',
  });
}

function withPodSpec(spec: JsonObject): Fixture {
  return aDeployment('cart').with({ spec: { template: { spec } } });
}

test('an ordinary release grants nothing but what its Role says, in one line', () => {
  for (const object of [aDeployment('cart'), aService('cart'), aServiceAccount('cart')])
    assert.deepEqual(grants(object), []);
  assert.deepEqual(grants(withPodSpec({ serviceAccountName: 'cart' })), []);
  const binding = aBinding('Role', 'cart', CART);
  assert.deepEqual(grants(aRole(['get list', 'core', 'configmaps endpoints']), undefined, [binding]), [
    'get, list on configmaps, endpoints to serviceaccount/cart',
  ]);
  assert.deepEqual(grants(binding), ['role/cart to serviceaccount/cart']);
});

test('of a Role only what the live one lacks is told', () => {
  const live = aRole(
    ['get list', 'core', 'configmaps'],
    ['*', 'apps', '*'],
    ['get', 'core', 'secrets', 'a b'],
  );
  assert.deepEqual(grants(live, live), []);
  assert.deepEqual(grants(aRole(['get', 'core', 'configmaps', 'x']), live), []);
  assert.deepEqual(grants(aRole(['get', 'core', 'secrets', 'a']), live), []);
  assert.deepEqual(grants(aRole(['delete', 'apps', 'deployments']), live), []);
  assert.deepEqual(grants(aRole(['get watch', 'core', 'configmaps']), live), ['watch on configmaps']);
  assert.deepEqual(grants(aRole(['get', 'core', 'secrets']), live), ['get on secrets']);
  assert.deepEqual(grants(aRole(['get', 'core', 'secrets', 'a c']), live), ['get on secrets/a, secrets/c']);
  assert.deepEqual(grants(aRole(['*', '*', '*']), live), ['* on *']);
  assert.deepEqual(grants(aRole(['get', 'core apps', 'pods']), live), ['get on pods']);
  assert.deepEqual(grants(aRole(['bind', RBAC.split('/')[0]!, 'roles'], ['get', 'core', 'pods']), live), [
    'bind on roles.rbac.authorization.k8s.io; get on pods',
  ]);
});

test('of a RoleBinding what is new are its subjects, or all of them where it binds another role', () => {
  const live = aBinding('Role', 'cart', CART);
  assert.deepEqual(grants(live, live), []);
  const more = aBinding('Role', 'cart', CART, { kind: 'Group', name: 'system:authenticated' });
  assert.deepEqual(grants(more, live), ['role/cart to group system:authenticated']);
  assert.deepEqual(grants(aBinding('ClusterRole', 'cluster-admin', CART), live), [
    'clusterrole/cluster-admin to serviceaccount/cart',
  ]);
  assert.deepEqual(grants(aBinding('Role', 'cart', { ...CART, namespace: 'other' }), live), [
    'role/cart to serviceaccount/cart of namespace other',
  ]);
});

test('each privilege of a pod that the live one lacks is told, with the container', () => {
  const container = (securityContext: JsonObject, more: JsonObject = {}) =>
    withContainer(aDeployment('cart'), { securityContext, ...more });
  const cases: [Fixture, string][] = [
    [withPodSpec({ hostNetwork: true }), 'hostNetwork'],
    [withPodSpec({ hostPID: true }), 'hostPID'],
    [withPodSpec({ hostIPC: true }), 'hostIPC'],
    [withPodSpec({ volumes: [{ name: 'v', hostPath: { path: '/var/run' } }] }), 'hostPath /var/run'],
    [withPodSpec({ securityContext: { runAsUser: 0 } }), 'runAsUser 0'],
    [withPodSpec({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'seccomp unconfined'],
    [
      withPodSpec({ securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } }),
      'sysctl net.core.somaxconn=1',
    ],
    [withPodSpec({ serviceAccountName: 'operator' }), 'its pods the rights of serviceaccount/operator'],
    [container({ privileged: true }), 'privileged (container memcached)'],
    [container({ allowPrivilegeEscalation: true }), 'allowPrivilegeEscalation (container memcached)'],
    [container({ capabilities: { add: ['SYS_ADMIN'] } }), 'capability SYS_ADMIN (container memcached)'],
    [container({ runAsUser: 0 }), 'runAsUser 0 (container memcached)'],
    [container({ procMount: 'Unmasked' }), 'procMount Unmasked (container memcached)'],
    [container({ appArmorProfile: { type: 'Unconfined' } }), 'AppArmor unconfined (container memcached)'],
    [container({ seLinuxOptions: { type: 'spc_t' } }), 'SELinux type spc_t (container memcached)'],
    [container({ windowsOptions: { hostProcess: true } }), 'hostProcess (container memcached)'],
    [
      container({}, { ports: [{ containerPort: 1, hostPort: 11211 }] }),
      'hostPort 11211 (container memcached)',
    ],
    [
      aDeployment('cart').with({
        spec: {
          template: {
            metadata: {
              annotations: { 'container.apparmor.security.beta.kubernetes.io/memcached': 'unconfined' },
            },
          },
        },
      }),
      'container.apparmor.security.beta.kubernetes.io/memcached: unconfined',
    ],
  ];
  for (const [object, grant] of cases) {
    assert.deepEqual(grants(object), [grant]);
    assert.deepEqual(grants(object, aDeployment('cart')), [grant]);
    assert.deepEqual(grants(object, object), []);
  }
});

test('what keeps pods back grants nothing', () => {
  const securityContext: Json = {
    privileged: false,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsUser: 1001,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  assert.deepEqual(grants(withContainer(aDeployment('cart'), { securityContext })), []);
});

test('a CronJob and init containers are looked into, too', () => {
  const cronJob = anObject('batch/v1', 'CronJob', 'cart').with({
    spec: {
      jobTemplate: {
        spec: {
          template: { spec: { initContainers: [{ name: 'i', securityContext: { privileged: true } }] } },
        },
      },
    },
  });
  assert.deepEqual(grants(cronJob), ['privileged (container i)']);
});

test('another account than the live pods have is told, also where it is the release’s own', () => {
  const live = withPodSpec({ serviceAccountName: 'small' });
  assert.deepEqual(grants(withPodSpec({ serviceAccountName: 'cart' }), live), [
    'its pods the rights of serviceaccount/cart',
  ]);
  assert.deepEqual(grants(aDeployment('cart'), live), []);
});

test('identities of clouds, addresses of others, and controllers that nobody knows', () => {
  const account = aServiceAccount('cart').annotated({
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x',
  });
  assert.deepEqual(grants(account), ['its pods eks.amazonaws.com/role-arn: arn:aws:iam::1:role/x']);
  assert.deepEqual(grants(account, account), []);
  assert.deepEqual(grants(aService('cart').with({ spec: { externalIPs: ['10.0.0.1'] } }), aService('cart')), [
    'the traffic to 10.0.0.1 (externalIPs)',
  ]);
  const custom = anObject('example.org/v1', 'Cache', 'cart');
  assert.deepEqual(grants(custom), ['whatever the controller of example.org does for it']);
  assert.deepEqual(grants(custom, custom), []);
  assert.deepEqual(grants(anObject('monitoring.coreos.com/v1', 'ServiceMonitor', 'cart')), []);
  assert.deepEqual(grants(anObject('networking.k8s.io/v1', 'NetworkPolicy', 'cart')), []);
});

test('a namespace of the level privileged lets its pods do anything', () => {
  const level = (enforce: string) => namespaceGrants({ 'pod-security.kubernetes.io/enforce': enforce });
  assert.deepEqual([level('restricted'), level('baseline'), namespaceGrants({})], [[], [], []]);
  const [all, ...others] = level('privileged');
  assert.match(all ?? '', /^its pods every privilege/);
  assert.deepEqual(others, []);
});
