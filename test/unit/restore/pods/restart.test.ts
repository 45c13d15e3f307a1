import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient, ResourceType } from '../../../../src/kube/client.ts';
import { type KubeObject, refOf, uidOf } from '../../../../src/model/kubernetes/object.ts';
import { isSettled, restartPods } from '../../../../src/restore/pods/restart.ts';
import { aDeployment, aPod, aReplicaSet } from '../../../support/objects.ts';

const READY: KubeObject = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const COMING: KubeObject = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };

function deployment(spec: KubeObject = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cache', generation: 1 },
    spec: { replicas: 2, ...spec },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    },
  };
}

test('a status that does not know of the eviction yet is not believed: the pods themselves tell', () => {
  assert.equal(
    isSettled(deployment(), [READY]),
    false,
    'one was evicted, and its successor is not there yet',
  );
  assert.equal(isSettled(deployment(), [READY, COMING]), false);
  assert.equal(isSettled(deployment(), [READY, READY]), true);
});

test('a rollout under way is not settled, a paused one is when its pods are ready', () => {
  const late = deployment();
  (late.status as KubeObject).availableReplicas = 1;
  assert.equal(isSettled(late, [READY, READY]), false);
  const paused = deployment({ paused: true });
  (paused.status as KubeObject).updatedReplicas = 0;
  assert.equal(isSettled(paused, [READY, READY]), true);
});

const CART = aDeployment('cart').annotated({ 'deployment.kubernetes.io/revision': '1' }).served();
const SET = aReplicaSet(CART.object);
const [ONE, TWO, THREE] = [1, 2, 3].map((at) => aPod(`cart-${at}`, SET.object).object) as [
  KubeObject,
  KubeObject,
  KubeObject,
];
const READY_SUCCESSOR = aPod('cart-3', SET.object).object;
const LATE = aPod('cart-3', SET.object).with({
  status: {
    ...(COMING.status as KubeObject),
    containerStatuses: [{ name: 'memcached', ready: false, state: { running: {} } }],
  },
}).object;

/** A cluster that holds the cart's Deployment and these pods, and evicts as told. */
function aCluster(
  pods: () => KubeObject[],
  evict: KubeClient['evict'],
  get: () => KubeObject = () => CART.object,
): KubeClient {
  const stub: Partial<KubeClient> = {
    get: async () => get(),
    list: async ({ kind }) => (kind === 'Pod' ? pods() : kind === 'ReplicaSet' ? [SET.object] : []),
    resourceType: async (apiVersion, kind): Promise<ResourceType> => ({
      apiVersion,
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: true,
    }),
    evict,
  };
  return stub as KubeClient;
}

/** The API server's answer to an eviction that a budget does not allow. */
function blocked(): ApiError {
  const causes = [
    {
      reason: 'DisruptionBudget',
      message: 'The disruption budget cart needs 2 healthy pods and has 2 currently',
    },
  ];
  const status = {
    kind: 'Status',
    reason: 'TooManyRequests',
    message: 'Cannot evict pod',
    details: { causes },
  };
  const call = { verb: 'create', group: '', resource: 'pods/eviction' };
  return ApiError.fromReply(429, JSON.stringify(status), call);
}

test('only the pods that are meant are evicted, and none that is gone already', async () => {
  const evicted: string[] = [];
  const kube = aCluster(
    () => (evicted.length === 0 ? [ONE, TWO] : [ONE, THREE]),
    async ({ name }) => void evicted.push(name),
  );
  const only = new Set([uidOf(TWO)!, 'uid-of-one-that-is-gone']);

  await restartPods(kube, refOf(CART.object), {
    timeoutMs: 0,
    signal: new AbortController().signal,
    onProgress: () => {},
    only,
  });

  assert.deepEqual(evicted, ['cart-2']);
});

test('whoever is interrupted while a budget holds a restart back is not told that it failed', async () => {
  const interruption = new AbortController();
  let asked = 0;
  const kube = aCluster(
    () => [ONE, TWO],
    async () => {
      asked++;
      throw blocked();
    },
  );
  const said: string[] = [];

  const outcome = await restartPods(kube, refOf(CART.object), {
    timeoutMs: 60_000,
    signal: interruption.signal,
    onProgress: (line) => {
      said.push(line);
      if (asked === 1) setImmediate(() => interruption.abort());
    },
  });

  assert.equal(outcome, undefined);
  assert.equal(asked, 1, 'it does not ask again');
  assert.match(said.at(-1)!, /The disruption budget cart needs 2 healthy pods/);
});

test('a budget that holds a restart back until the deadline leaves it unfinished, and is named', async () => {
  const kube = aCluster(
    () => [ONE, TWO],
    async () => {
      throw blocked();
    },
  );

  const outcome = await restartPods(kube, refOf(CART.object), {
    timeoutMs: 0,
    signal: new AbortController().signal,
    onProgress: () => {},
  });

  assert.deepEqual(outcome, {
    ref: refOf(CART.object),
    done: false,
    message: 'deployment.apps/cart: pod/cart-1 could not be restarted in time',
    obstacles: [
      'pod/cart-1: a PodDisruptionBudget holds its restart back: The disruption budget cart needs 2 healthy pods and has 2 currently',
    ],
  });
});

test('a successor that is not ready in time leaves a restart unfinished, and says why', async () => {
  let evicted = false;
  const kube = aCluster(
    () => (evicted ? [TWO, LATE] : [ONE, TWO]),
    async () => {
      evicted = true;
    },
  );

  const outcome = await restartPods(kube, refOf(CART.object), {
    timeoutMs: 0,
    signal: new AbortController().signal,
    onProgress: () => {},
  });

  assert.equal(outcome?.done, false);
  assert.equal(
    outcome?.message,
    'deployment.apps/cart: pod/cart-1 was restarted, and its successor is not ready in time',
  );
  assert.deepEqual(outcome?.obstacles, [
    'pod/cart-3: its container runs, and its readiness probe has not succeeded',
  ]);
});

test('no pod goes before the controller has seen what was written: it would come back as it was', async () => {
  const unseen = CART.with({ metadata: { generation: 2 } }).object;
  const seen = CART.with({ metadata: { generation: 2 }, status: { observedGeneration: 2 } }).object;
  const steps: string[] = [];
  const kube = aCluster(
    () => (steps.includes('evicted') ? [TWO] : [ONE, TWO]),
    async () => void steps.push('evicted'),
    () => {
      steps.push('read');
      return steps.length < 3 ? unseen : seen;
    },
  );

  await restartPods(kube, refOf(CART.object), {
    timeoutMs: 1000,
    signal: new AbortController().signal,
    onProgress: () => {},
  });

  assert.deepEqual(steps.slice(0, 4), ['read', 'read', 'read', 'evicted']);
});

test('an eviction whose answer was lost is sent again; a pod of another uid means that it was done', async () => {
  const call = { verb: 'create', group: '', resource: 'pods/eviction' };
  const answers: Error[] = [new UnreachableError('reset'), ApiError.fromReply(409, '', call)];
  let asked = 0;
  const kube = aCluster(
    () => (asked > 1 ? [TWO, READY_SUCCESSOR] : [ONE]),
    async () => {
      throw answers[asked++]!;
    },
  );

  const outcome = await restartPods(kube, refOf(CART.object), {
    timeoutMs: 1000,
    signal: new AbortController().signal,
    onProgress: () => {},
  });

  assert.deepEqual([outcome, asked], [undefined, 2]);
});
