import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftOf } from '../../../src/kube/drift.ts';
import type { Json, JsonObject } from '../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../src/model/json/yaml.ts';
import {
  aConfigMap,
  aContainer,
  aDeployment,
  anAutoscaler,
  anObject,
  aSecret,
  aService,
} from '../../support/objects.ts';

/** Drift of a Deployment whose memcached container is asked for so, and is so. */
function containerDrift(asked: JsonObject, live: JsonObject): string[] {
  const of = (container: JsonObject) =>
    aDeployment('x').with({
      spec: { template: { spec: { containers: [{ name: 'memcached', ...container }] } } },
    });
  return driftOf(of(asked).without('status').object, of(live).object).map((path) =>
    path.replace('spec.template.spec.containers[0].', ''),
  );
}

function serviceDrift(asked: JsonObject, live: JsonObject): string[] {
  return driftOf(
    aService('x').without('spec').with({ spec: asked }).object,
    aService('x').with({ spec: live }).object,
  );
}

test('an empty list that the server shows as null is no drift', () => {
  const role = (rules: Json) => anObject('rbac.authorization.k8s.io/v1', 'Role', 'x').with({ rules }).object;
  assert.deepEqual(driftOf(role([]), role(null)), []);
  assert.deepEqual(driftOf(role([{ verbs: ['get'] }]), role(null)), ['rules']);
});

test('what the server fills in, and what nobody asked for, is no drift', () => {
  const live = aDeployment('x')
    .served()
    .ownedBy('helm', {})
    .annotated({ added: 'yes' })
    .labelled({ managed: 'Helm' });
  assert.deepEqual(driftOf(aDeployment('x').without('status').object, live.object), []);
  assert.deepEqual(
    containerDrift(
      { ports: [{ containerPort: 11211 }] },
      { ports: [{ containerPort: 11211, protocol: 'TCP' }] },
    ),
    [],
  );
});

test('a field that was changed, removed, or has more entries than asked is drift', () => {
  assert.deepEqual(containerDrift({ image: 'memcached:1.6' }, { image: 'memcached:1.5' }), ['image']);
  assert.deepEqual(containerDrift({ args: ['-m', '64'] }, { args: ['-m', '32'] }), ['args[1]']);
  assert.deepEqual(containerDrift({ args: ['-m', '64'] }, {}), ['args']);
  assert.deepEqual(containerDrift({ env: [] }, { env: [{ name: 'A', value: '1' }] }), ['env']);
  assert.deepEqual(driftOf(aConfigMap('x', { a: '1' }).object, aConfigMap('x', {}).object), ['data.a']);
  assert.deepEqual(driftOf(aConfigMap('x').labelled({ team: 'a' }).object, aConfigMap('x').object), [
    'metadata.labels',
  ]);
});

test('quantities are equal when their amounts are', () => {
  const resources = (cpu: string | number, memory: string | number) => ({
    resources: { limits: { cpu, memory } },
  });
  assert.deepEqual(containerDrift(resources('0.1', '1Gi'), resources('100m', '1024Mi')), []);
  assert.deepEqual(containerDrift(resources(1, 134217728), resources('1', '128Mi')), []);
  assert.deepEqual(containerDrift(resources('1', '64Mi'), resources('1', '32Mi')), [
    'resources.limits.memory',
  ]);
  const volume = (sizeLimit: string) =>
    aDeployment('x').with({
      spec: { template: { spec: { volumes: [{ name: 'v', emptyDir: { sizeLimit } }] } } },
    });
  assert.deepEqual(driftOf(volume('0.5Gi').without('status').object, volume('512Mi').object), []);
});

test('a text that only looks like a quantity is a text', () => {
  assert.deepEqual(
    driftOf(
      aConfigMap('x').labelled({ version: '1.10' }).object,
      aConfigMap('x').labelled({ version: '1.1' }).object,
    ),
    ['metadata.labels.version'],
  );
  assert.deepEqual(containerDrift({ args: ['-I', '1k'] }, { args: ['-I', '1000'] }), ['args[1]']);
  assert.deepEqual(
    containerDrift({ env: [{ name: 'A', value: '1e3' }] }, { env: [{ name: 'A', value: '1000' }] }),
    ['env[0].value'],
  );
});

test('a number is compared by what it amounts to: 1.0 is 1', () => {
  const custom = (text: string) =>
    parseYamlStream(
      `apiVersion: a.b/v1\nkind: Foo\nmetadata: {name: x}\nspec: {share: ${text}}`,
    )[0] as JsonObject;
  assert.deepEqual(driftOf(custom('1.0'), custom('1')), []);
  assert.deepEqual(driftOf(custom('1.0'), custom('1.5')), ['spec.share']);
});

test('a port by number and the same port by text are both what the API calls an int-or-string', () => {
  assert.deepEqual(
    serviceDrift(
      { ports: [{ port: 11211, targetPort: 11211 }] },
      { ports: [{ port: 11211, targetPort: 11211, protocol: 'TCP' }] },
    ),
    [],
  );
  assert.deepEqual(
    serviceDrift({ ports: [{ targetPort: '11211' }] }, { ports: [{ targetPort: '11211' }] }),
    [],
  );
  assert.deepEqual(
    serviceDrift({ ports: [{ targetPort: 'memcache' }] }, { ports: [{ targetPort: 11211 }] }),
    ['spec.ports[0].targetPort'],
  );
});

test('zero values that the server leaves out are no drift', () => {
  assert.deepEqual(
    containerDrift({ env: [{ name: 'A', value: '' }], stdin: false, tty: false }, { env: [{ name: 'A' }] }),
    [],
  );
  assert.deepEqual(
    containerDrift({ livenessProbe: { initialDelaySeconds: 0 } }, { livenessProbe: { periodSeconds: 10 } }),
    [],
  );
  assert.deepEqual(containerDrift({ args: [], securityContext: {} }, {}), []);
});

test('a zero where the server keeps it is drift when it is gone', () => {
  assert.deepEqual(
    containerDrift({ securityContext: { allowPrivilegeEscalation: false } }, { securityContext: {} }),
    ['securityContext.allowPrivilegeEscalation'],
  );
  const account = anObject('v1', 'ServiceAccount', 'x');
  assert.deepEqual(driftOf(account.with({ automountServiceAccountToken: false }).object, account.object), [
    'automountServiceAccountToken',
  ]);
});

test('an empty value that asks the server to choose is no drift once it has chosen', () => {
  const asked = { clusterIP: '', type: '', sessionAffinity: '', ports: [{ port: 11211, nodePort: 0 }] };
  const live = {
    clusterIP: '10.96.0.7',
    type: 'NodePort',
    sessionAffinity: 'None',
    ports: [{ port: 11211, nodePort: 31211 }],
  };
  assert.deepEqual(serviceDrift(asked, live), []);
  assert.deepEqual(
    containerDrift(
      { imagePullPolicy: '', readinessProbe: { timeoutSeconds: 0 } },
      { imagePullPolicy: 'IfNotPresent', readinessProbe: { timeoutSeconds: 1 } },
    ),
    [],
  );
  assert.deepEqual(driftOf(aConfigMap('x', { a: '' }).object, aConfigMap('x', { a: 'filled' }).object), [
    'data.a',
  ]);
});

test('nulls, also inside maps that so become empty, ask for nothing', () => {
  const asked = parseYamlStream(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: x, annotations: }
spec:
  template:
    metadata: {creationTimestamp: null}
    spec:
      nodeSelector: {disk: null}
      affinity: {podAffinity: }
      securityContext: {runAsUser: null, seLinuxOptions: {level: null}}
`)[0] as JsonObject;
  assert.deepEqual(driftOf(asked, aDeployment('x').object), []);
});

test('a map that is gone with something in it is named once, as a whole', () => {
  assert.deepEqual(containerDrift({ resources: { limits: { cpu: '1', memory: '1Gi' } } }, {}), ['resources']);
});

test('stringData arrives as data, and data as what it decodes to', () => {
  const live = aSecret('x', { password: 'hunter22' });
  const asked = anObject('v1', 'Secret', 'x').with({ type: 'Opaque', stringData: { password: 'hunter22' } });
  assert.deepEqual(driftOf(asked.object, live.object), []);
  assert.deepEqual(driftOf(asked.with({ stringData: { password: 'other' } }).object, live.object), [
    'stringData.password',
  ]);
  const wrapped = anObject('v1', 'Secret', 'x').with({ data: { password: 'aHVu\ndGVyMjI=\n' } });
  assert.deepEqual(driftOf(wrapped.object, live.object), []);
  assert.deepEqual(driftOf(aSecret('x', { password: 'other' }).object, live.object), ['data.password']);
});

test('the namespace of the manifest, its status, and ignored paths do not count', () => {
  const asked = aDeployment('x').with({
    metadata: { namespace: '' },
    status: { replicas: 9 },
    spec: { replicas: 7 },
  });
  assert.deepEqual(driftOf(asked.object, aDeployment('x').object, ['spec.replicas']), []);
  assert.deepEqual(driftOf(asked.object, aDeployment('x').object), ['spec.replicas']);
});

test('an object served in another version than it was written in is compared by its metadata', () => {
  const asked = anObject('autoscaling/v1', 'HorizontalPodAutoscaler', 'x')
    .labelled({ a: '1' })
    .with({
      spec: { maxReplicas: 5, targetCPUUtilizationPercentage: 80 },
    });
  const live = anAutoscaler('x', 'y').labelled({ a: '1' });
  assert.deepEqual(driftOf(asked.object, live.object), []);
  assert.deepEqual(driftOf(asked.object, live.labelled({ a: '2' }).object), ['metadata.labels.a']);
});

test('keys named like members of Object are ordinary keys', () => {
  assert.deepEqual(driftOf(aConfigMap('x', { constructor: 'a' }).object, aConfigMap('x', {}).object), [
    'data.constructor',
  ]);
});

test('an added entry in a list of containers is drift of the list', () => {
  const live = aDeployment('x').with({
    spec: { template: { spec: { containers: [aContainer(), aContainer({ name: 'debug' })] } } },
  });
  assert.deepEqual(driftOf(aDeployment('x').without('status').object, live.object), [
    'spec.template.spec.containers',
  ]);
});

test('a finalizer that a controller added is no drift, one that is gone is', () => {
  const asked = aConfigMap('x').with({ metadata: { finalizers: ['example.com/mine'] } });
  const more = asked.with({ metadata: { finalizers: ['kubernetes.io/pvc-protection', 'example.com/mine'] } });
  assert.deepEqual(driftOf(asked.object, more.object), []);
  assert.deepEqual(driftOf(more.object, asked.object), ['metadata.finalizers']);
});
