import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthOf } from '../../../src/backup/health.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { aConfigMap, aDeployment, anAutoscaler, aService, type Fixture } from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';

const released = (...objects: Fixture[]) => [
  aRevision(1, 'deployed', { manifest: objects.map((object) => object.without('status').object) }),
];

test('pods are counted as ready and as wanted by the memcached workloads', () => {
  const [cart, other] = [
    aDeployment('cart'),
    aDeployment('web').with({
      spec: { template: { spec: { containers: [{ name: 'w', image: 'nginx' }] } } },
    }),
  ];
  const live = aLiveRelease([cart, other], { history: released(cart, other) });
  const health = healthOf(live, [podSettings('cart-1'), podSettings('cart-2', { ready: false })]);
  assert.deepEqual(health, { podsReady: 1, podsWanted: 2, releaseStatus: 'deployed', drift: [] });
});

test('without Helm there is no status, and nothing to drift from', () => {
  const { releaseStatus, drift } = healthOf(aLiveRelease([aDeployment('cart')]), []);
  assert.deepEqual([releaseStatus, drift], [undefined, []]);
});

test('drift and missing objects are named, one line each', () => {
  const history = released(aDeployment('cart'), aService('cart'), aConfigMap('cart'));
  const live = aLiveRelease([aDeployment('cart').with({ spec: { replicas: 5 } }), aService('cart')], {
    history,
  });
  assert.deepEqual(healthOf(live, []).drift, [
    'deployment.apps/cart: spec.replicas',
    'configmap/cart is missing',
  ]);
});

test('under an HPA the replica count is nobody’s drift', () => {
  const live = aLiveRelease(
    [aDeployment('cart').with({ spec: { replicas: 5 } }), anAutoscaler('h', 'cart')],
    {
      history: released(aDeployment('cart')),
    },
  );
  assert.deepEqual(healthOf(live, []).drift, []);
});

test('an object of a kind that may not be read is not called missing', () => {
  const live = aLiveRelease([], {
    history: released(aConfigMap('cart')),
    denied: [
      {
        type: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
        verb: 'list',
        message: 'forbidden',
      },
    ],
  });
  assert.deepEqual(healthOf(live, []).drift, []);
});

test('a failed upgrade is the status, and drift is still from what is deployed', () => {
  const history = [
    ...released(aConfigMap('cart', { a: '1' })),
    aRevision(2, 'failed', { manifest: [aConfigMap('cart', { a: '2' }).object, aConfigMap('new').object] }),
  ];
  const { releaseStatus, drift } = healthOf(aLiveRelease([aConfigMap('cart', { a: '1' })], { history }), []);
  assert.deepEqual([releaseStatus, drift], ['failed', []]);
});
