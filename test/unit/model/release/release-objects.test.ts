import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import type { HelmRevision } from '../../../../src/model/helm/helm-release.ts';
import { displayName, type KubeObject, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import {
  classifyObjects,
  namedObjects,
  readingManifests,
  recordedOnly,
} from '../../../../src/model/release/release-objects.ts';
import { aRevision } from '../../../support/helm-records.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aSecret,
  aService,
  aServiceAccount,
  controlledBy,
  type Fixture,
  NAMESPACE,
  withContainer,
} from '../../../support/objects.ts';
import { spelled } from '../../spelled.ts';

const CLUSTER_WIDE = new Set(['ClusterRole', 'Namespace']);
const named = (history: HelmRevision[]) =>
  namedObjects(history, NAMESPACE, (_apiVersion, kind) => !CLUSTER_WIDE.has(kind));
const nameList = (manifest: string) =>
  named([aRevision(1, 'deployed', { manifest })]).map(({ ref }) => keyOf(ref));

/** Places what a manifest of `owned` names, in a cluster that holds `there`. */
function place(owned: Fixture[], there: Fixture[], hooks: Fixture[] = []) {
  const byKey = new Map(there.map(({ object }) => [keyOf(refOf(object)), object]));
  const revision = aRevision(1, 'deployed', {
    manifest: owned.map(({ object }) => object),
    hooks: hooks.map(({ object }) => ({ name: 'h', kind: String(object.kind), manifest: object })),
  });
  const { classified, missing } = classifyObjects(named([revision]), NAMESPACE, (ref) =>
    byKey.get(keyOf(ref)),
  );
  return {
    classified: classified.map(({ ref, role, from }) => `${displayName(ref)} ${role}: ${from}`),
    missing: missing.map(displayName),
  };
}

test('a manifest names its objects; comments and empty documents name nothing', () => {
  const manifest =
    '---\n# Source: a\n---\n# Source: b\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n';
  assert.deepEqual(nameList(manifest), ['/ConfigMap/shop/x']);
  assert.deepEqual(nameList('# nothing here\n'), []);
});

test("an object lies in the release's namespace unless it says another; an empty one says none", () => {
  const inNamespace = (namespace: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: x${namespace}}\n`;
  assert.deepEqual(nameList(inNamespace('')), ['/Secret/shop/x']);
  assert.deepEqual(nameList(inNamespace(', namespace: other')), ['/Secret/other/x']);
  assert.deepEqual(nameList(inNamespace(', namespace: ""')), ['/Secret/shop/x']);
  assert.deepEqual(
    nameList(
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x, namespace: shop}\n',
    ),
    ['rbac.authorization.k8s.io/ClusterRole//x'],
  );
});

test('Lists are unfolded, also inside each other and those that name the kind of their items', () => {
  const list = `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
- apiVersion: v1
  kind: SecretList
  items:
  - metadata: {name: b}
  - {apiVersion: v1, kind: Secret, metadata: {name: c}}
---
apiVersion: v1
kind: List
items: []
`;
  assert.deepEqual(nameList(list), ['/ConfigMap/shop/a', '/Secret/shop/b', '/Secret/shop/c']);
});

test('an object whose kind ends in List and that holds no items is an object', () => {
  assert.deepEqual(nameList('apiVersion: a.b/v1\nkind: AllowList\nmetadata: {name: x}\n'), [
    'a.b/AllowList/shop/x',
  ]);
});

test('one object in two versions of its API group is one object', () => {
  const hpa = (version: string) =>
    `---\napiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n`;
  assert.deepEqual(nameList(hpa('v1') + hpa('v2')), ['autoscaling/HorizontalPodAutoscaler/shop/x']);
});

test('an object that is named twice counts once, by its later text', () => {
  const [only, ...others] = named([
    aRevision(1, 'deployed', {
      manifest: [aConfigMap('x', { a: '1' }).object, aConfigMap('x', { a: '2' }).object],
    }),
  ]);
  assert.deepEqual([only?.manifest?.data, others], [{ a: '2' }, []]);
});

test('an object of the manifest that is also a hook is one of the manifest', () => {
  const hook = { name: 'h', kind: 'ConfigMap', manifest: aConfigMap('x', { from: 'hook' }).object };
  const history = [aRevision(1, 'deployed', { manifest: [aConfigMap('x').object], hooks: [hook] })];
  assert.deepEqual(
    named(history).map(({ from }) => from),
    ['manifest'],
  );
});

test('over a deployed revision an unfinished one adds its objects, and does not say what the others should be', () => {
  const history = [
    aRevision(1, 'superseded', { manifest: [aConfigMap('old').object] }),
    aRevision(2, 'deployed', { manifest: [aConfigMap('x', { a: 'deployed' }).object] }),
    aRevision(3, 'failed', { manifest: [aConfigMap('x', { a: 'failed' }).object, aConfigMap('new').object] }),
  ];
  assert.deepEqual(
    named(history).map(({ ref, manifest, unfinished }) => [ref.name, manifest?.data, unfinished]),
    [
      ['x', { a: 'deployed' }, undefined],
      ['new', { 'memcached.conf': '-m 64\n' }, true],
    ],
  );
});

test('the same text in the record of a backup and of the cluster is read once, another one by itself', () => {
  const text = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
  const hooks = [{ name: 'h', kind: 'ConfigMap', manifest: text('hook') }];
  const revision = (name: string, own = hooks) =>
    aRevision(1, 'deployed', { manifest: text(name), hooks: own });
  const steps = (of: HelmRevision) => [...readingManifests([of])].length;
  assert.ok(steps(revision('read-once')) > 0);

  assert.equal(steps(revision('read-once')), 0);
  const [first] = named([revision('read-once')]);
  first!.manifest!.kind = 'changed';
  assert.deepEqual(
    named([revision('read-once')]).map(({ ref, from, manifest }) => [keyOf(ref), from, manifest?.kind]),
    [
      ['/ConfigMap/shop/read-once', 'manifest', 'ConfigMap'],
      ['/ConfigMap/shop/hook', 'hook', 'ConfigMap'],
    ],
  );
  assert.ok(steps(revision('read-once', [])) > 0);
  assert.ok(steps(revision('another')) > 0);
});

test('without a deployed revision the newest says what there should be', () => {
  const history = [aRevision(1, 'pending-install', { manifest: [aConfigMap('x').object] })];
  assert.deepEqual(
    named(history).map(({ ref, unfinished }) => [ref.name, unfinished]),
    [['x', undefined]],
  );
  assert.deepEqual(named([]), []);
});

test('a manifest that is no YAML is an error that names the revision', () => {
  assert.throws(
    () => named([aRevision(4, 'deployed', { manifest: 'a: "unfinished' })]),
    (error) =>
      error instanceof ToolError &&
      /Helm revision 4 of cart is no YAML/.test(error.message) &&
      /helm get manifest cart --revision 4/.test(spelled(error.next)),
  );
});

test('owned are the objects of the manifest, referenced what they name, missing what is not there', () => {
  const deployment = withContainer(aDeployment('x'), {
    env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'login', key: 'p' } } }],
    envFrom: [{ configMapRef: { name: 'gone' } }, { configMapRef: { name: 'gone' } }],
  });
  assert.deepEqual(
    place([aService('x'), deployment, aConfigMap('y')], [deployment, aService('x'), aSecret('login', {})]),
    {
      classified: [
        'service/x owned: manifest',
        'deployment.apps/x owned: manifest',
        'secret/login referenced: deployment.apps/x env',
      ],
      missing: ['configmap/y', 'configmap/gone'],
    },
  );
});

test('what an owned object names and the manifest names too is owned', () => {
  const deployment = withContainer(aDeployment('x'), { envFrom: [{ secretRef: { name: 'login' } }] });
  const { classified } = place([deployment, aSecret('login', {})], [deployment, aSecret('login', {})]);
  assert.deepEqual(classified, ['deployment.apps/x owned: manifest', 'secret/login owned: manifest']);
});

test('a referenced ServiceAccount is followed to its pull Secrets', () => {
  const deployment = aDeployment('x').with({
    spec: { template: { spec: { serviceAccountName: 'runner' } } },
  });
  const account = aServiceAccount('runner').with({ imagePullSecrets: [{ name: 'registry' }] });
  assert.deepEqual(place([deployment], [deployment, account, aSecret('registry', {})]).classified, [
    'deployment.apps/x owned: manifest',
    'serviceaccount/runner referenced: deployment.apps/x serviceAccountName',
    'secret/registry referenced: serviceaccount/runner imagePullSecrets',
  ]);
});

test('live objects of hooks are owned, but for those that making again would run', () => {
  const job = anObject('batch/v1', 'Job', 'migrate');
  const hooks = [aConfigMap('seed'), job, anObject('v1', 'Pod', 'test')];
  assert.deepEqual(place([], hooks, hooks).classified, [
    'configmap/seed owned: hook',
    'job.batch/migrate recorded: hook; a restore runs no hooks',
    'pod/test recorded: hook; a restore runs no hooks',
  ]);
  assert.deepEqual(place([job], [job]).classified, [
    'job.batch/migrate recorded: manifest; a restore runs no Jobs',
  ]);
});

test('some objects are recorded only, and why', () => {
  const owner = aDeployment('x').served().object;
  const cases: [KubeObject, string | undefined][] = [
    [aConfigMap('x').object, undefined],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, 'cluster-wide'],
    [anObject('v1', 'Secret', 'x', 'other').object, 'in namespace other'],
    [
      aConfigMap('x').with({ metadata: { ownerReferences: [controlledBy(owner)] } }).object,
      'controlled by Deployment x',
    ],
    [aConfigMap('x').with({ metadata: { ownerReferences: [{ kind: 'Foo', name: 'y' }] } }).object, undefined],
    [aSecret('x', {}, 'kubernetes.io/service-account-token').object, 'a ServiceAccount token'],
    [aConfigMap('kube-root-ca.crt').object, 'made by the cluster'],
    [aServiceAccount('default').object, 'made by the cluster'],
    [aServiceAccount('other').object, undefined],
    [anObject('a.b/v1', 'ServiceAccount', 'default').object, undefined],
  ];
  for (const [object, reason] of cases)
    assert.equal(recordedOnly(object, NAMESPACE), reason, displayName(refOf(object)));
});

test('what a recorded object names is not followed', () => {
  const controlled = withContainer(aDeployment('x'), { envFrom: [{ secretRef: { name: 'login' } }] }).with({
    metadata: { ownerReferences: [controlledBy(aDeployment('operator').served().object)] },
  });
  assert.deepEqual(place([controlled], [controlled, aSecret('login', {})]).classified, [
    'deployment.apps/x recorded: manifest; controlled by Deployment operator',
  ]);
});
