import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SourceObject } from '../../../src/backup/source.ts';
import { type NodeRoom, podsThatFit, podsWithinQuota } from '../../../src/drill/node-room.ts';
import { wantedReplicas } from '../../../src/drill/wanted-replicas.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { type KubeObject, refOf } from '../../../src/model/kubernetes/object.ts';
import { NO_LIMITS } from '../../../src/restore/plan/pod-limits.ts';

const POD = {
  containers: [
    { name: 'memcached', image: 'memcached:1', resources: { requests: { cpu: '500m', memory: '1Gi' } } },
  ],
};
const GiB = 2 ** 30;

const node = (left: Record<string, number>, rest: JsonObject = {}): NodeRoom => ({
  node: { metadata: { name: 'n', labels: { disk: 'fast' } }, ...rest },
  left: new Map(Object.entries(left)),
});

describe('the pods of a drill', () => {
  test('fit as far as every resource of a node reaches', () => {
    const room = (): NodeRoom[] => [
      node({ cpu: 1, memory: 8 * GiB, pods: 10 }),
      node({ cpu: 4, memory: GiB, pods: 10 }),
      node({ cpu: 4, memory: 8 * GiB, pods: 0 }),
    ];
    assert.equal(podsThatFit(POD, 9, room()), 3);
    assert.equal(podsThatFit(POD, 2, room()), 2);
  });

  test('go to no node that their selector or a taint keeps them off', () => {
    const left = { cpu: 9, memory: 99 * GiB, pods: 10 };
    const tainted = (): NodeRoom[] => [
      node(left, { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
    ];
    assert.equal(podsThatFit({ ...POD, nodeSelector: { disk: 'slow' } }, 1, [node(left)]), 0);
    assert.equal(podsThatFit({ ...POD, nodeSelector: { disk: 'fast' } }, 1, [node(left)]), 1);
    assert.equal(podsThatFit(POD, 1, tainted()), 0);
    assert.equal(podsThatFit({ ...POD, tolerations: [{ key: 'k', operator: 'Exists' }] }, 1, tainted()), 1);
    assert.equal(podsThatFit({ ...POD, tolerations: [{ key: 'k', value: 'w' }] }, 1, tainted()), 0);
  });

  test('fit what the quotas of a namespace leave', () => {
    const quota = {
      kind: 'ResourceQuota',
      status: { hard: { 'requests.cpu': '2', pods: '10' }, used: { 'requests.cpu': '900m' } },
    };
    assert.equal(podsWithinQuota(POD, { ...NO_LIMITS, quotas: [quota] }), 2);
    assert.equal(podsWithinQuota(POD, NO_LIMITS), Number.POSITIVE_INFINITY);
  });

  const workload: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { replicas: 4, template: { spec: POD } },
  };
  const scaler: KubeObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { minReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' } },
  };
  const source = (...raws: KubeObject[]) => ({
    objects: raws.map((raw) => ({ raw, ref: refOf(raw) }) as unknown as SourceObject),
  });
  const roomy = () => ({ nodes: [node({ cpu: 99, memory: 99 * GiB, pods: 99 })], limits: NO_LIMITS });

  test("are as many as in the backup, and at an autoscaler's minimum", () => {
    assert.equal(wantedReplicas(source(workload), undefined, roomy()).of(refOf(workload)), 4);
    assert.equal(wantedReplicas(source(workload, scaler), undefined, roomy()).of(refOf(workload)), 2);
  });

  test('are as many as fit, one at least, and that is said', () => {
    const narrow = { nodes: [node({ cpu: 0.6, memory: 99 * GiB, pods: 99 })], limits: NO_LIMITS };
    const found = wantedReplicas(source(workload), undefined, narrow);
    assert.equal(found.of(refOf(workload)), 1);
    assert.deepEqual(found.notes, [
      'there is room for 1 of the 4 pods of deployment.apps/cart beside what runs',
    ]);
    const none = { nodes: [], limits: NO_LIMITS };
    assert.equal(wantedReplicas(source(workload), undefined, none).of(refOf(workload)), 1);
  });

  test('are what was asked for, and nobody who may not look is kept from a drill', () => {
    assert.equal(wantedReplicas(source(workload), 7, undefined).of(refOf(workload)), 7);
    const unseen = wantedReplicas(source(workload), undefined, { nodes: undefined, limits: NO_LIMITS });
    assert.equal(unseen.of(refOf(workload)), 4);
    assert.match(unseen.notes.join(), /may not be listed/);
  });

  test('stay none where the backup has none', () => {
    const idle = { ...workload, spec: { ...(workload.spec as JsonObject), replicas: 0 } };
    assert.equal(wantedReplicas(source(idle), undefined, roomy()).of(refOf(workload)), 0);
  });
});
