import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { referencesOf } from '../../../../src/model/kubernetes/references.ts';
import {
  aContainer,
  aDeployment,
  anObject,
  aService,
  aServiceAccount,
  withContainer,
} from '../../../support/objects.ts';

const references = (object: KubeObject) =>
  referencesOf(object).map(({ ref, by }) => `${by}: ${ref.kind} ${ref.name}`);
const podSpec = (spec: JsonObject) => aDeployment('x').with({ spec: { template: { spec } } }).object;

test('env and envFrom name Secrets and ConfigMaps, in init containers too', () => {
  const env = [
    { name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'a' } } },
    { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'b' } } },
    { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'D', value: 'plain' },
  ];
  const envFrom = [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'more' }, prefix: 'X_' }];
  const expected = [
    'env: Secret login',
    'env: ConfigMap settings',
    'envFrom: Secret all',
    'envFrom: ConfigMap more',
  ];
  assert.deepEqual(references(withContainer(aDeployment('x'), { env, envFrom }).object), expected);
  assert.deepEqual(references(podSpec({ initContainers: [aContainer({ env, envFrom })] })), expected);
});

test('volumes name claims, Secrets and ConfigMaps, projected and csi ones included', () => {
  const volumes = [
    { name: 'a', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'b', secret: { secretName: 'tls' } },
    { name: 'c', configMap: { name: 'conf' } },
    { name: 'd', csi: { driver: 'x', nodePublishSecretRef: { name: 'csi' } } },
    {
      name: 'e',
      projected: {
        sources: [{ secret: { name: 'p1' } }, { configMap: { name: 'p2' } }, { serviceAccountToken: {} }],
      },
    },
    { name: 'f', emptyDir: {} },
  ];
  assert.deepEqual(references(podSpec({ volumes })), [
    'volumes: PersistentVolumeClaim data',
    'volumes: Secret tls',
    'volumes: ConfigMap conf',
    'volumes: Secret csi',
    'volumes: Secret p1',
    'volumes: ConfigMap p2',
  ]);
});

test('pull Secrets and the ServiceAccount are named; empty names are none', () => {
  assert.deepEqual(
    references(podSpec({ imagePullSecrets: [{ name: 'registry' }, {}], serviceAccountName: 'runner' })),
    ['imagePullSecrets: Secret registry', 'serviceAccountName: ServiceAccount runner'],
  );
  assert.deepEqual(references(podSpec({ serviceAccountName: '' })), []);
});

test('a ServiceAccount names its pull Secrets, not its tokens', () => {
  const account = aServiceAccount('x').with({
    imagePullSecrets: [{ name: 'registry' }],
    secrets: [{ name: 'x-token' }],
  });
  assert.deepEqual(references(account.object), ['imagePullSecrets: Secret registry']);
});

test('a StatefulSet names the claims of its present replicas, from its first ordinal on', () => {
  const set = anObject('apps/v1', 'StatefulSet', 'x').with({
    spec: { replicas: 2, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
  });
  assert.deepEqual(references(set.object), [
    'volumeClaimTemplates: PersistentVolumeClaim data-x-0',
    'volumeClaimTemplates: PersistentVolumeClaim data-x-1',
  ]);
  const later = set.with({ spec: { replicas: 1, ordinals: { start: 5 } } });
  assert.deepEqual(references(later.object), ['volumeClaimTemplates: PersistentVolumeClaim data-x-5']);
});

test('a CronJob names what its pods need; a Service names nothing', () => {
  const cron = anObject('batch/v1', 'CronJob', 'x').with({
    spec: { jobTemplate: { spec: { template: { spec: { imagePullSecrets: [{ name: 'registry' }] } } } } },
  });
  assert.deepEqual(references(cron.object), ['imagePullSecrets: Secret registry']);
  assert.deepEqual(references(aService('x').object), []);
});
