import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient, ResourceType } from '../../../src/kube/client.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { displayName, type KubeObject, nameOf, refOf, uidOf } from '../../../src/model/kubernetes/object.ts';
import { blockingReasons } from '../../../src/restore/pods/blocking-reasons.ts';
import { replaceStuckPods } from '../../../src/restore/pods/replace-stuck-pods.ts';
import { ModelServer } from '../../support/api-server.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { aContainer, anObject, aPod, type Fixture, withContainer } from '../../support/objects.ts';
import { namesOf, planWith } from '../../support/restore-model.ts';
import { aSource, saved } from '../../support/restore-source.ts';

const AT = '2026-11-24T11:50:00Z';
const THEN = anObject('apps/v1', 'StatefulSet', 'ring')
  .with({
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'ring' } },
      template: { spec: { containers: [aContainer()] } },
    },
    status: { observedGeneration: 1, readyReplicas: 1, currentRevision: 'good', updateRevision: 'good' },
  })
  .served();
const BAD = withContainer(THEN, { image: 'memcached:9.9.9' }).with({ status: { updateRevision: 'bad' } });

function aPodOf(name: string, revision: string, status: JsonObject, changes: JsonObject = {}): Fixture {
  const containers = [aContainer(revision === 'bad' ? { image: 'memcached:9.9.9' } : {})];
  return aPod(name, THEN.object)
    .labelled({ 'controller-revision-hash': revision })
    .with({ spec: { containers }, status, ...changes });
}

const conditions = (status: string, lastTransitionTime: string): JsonObject[] =>
  ['Ready', 'ContainersReady'].map((type) => ({ type, status, lastTransitionTime }));
const READY: JsonObject = { startTime: AT, conditions: conditions('True', '2026-11-24T11:50:09Z') };
const NEVER: JsonObject = {
  phase: 'Pending',
  startTime: AT,
  conditions: conditions('False', AT),
  containerStatuses: [
    {
      name: 'memcached',
      ready: false,
      state: { waiting: { reason: 'ImagePullBackOff', message: 'no such' } },
    },
  ],
};
const SERVING = aPodOf('ring-0', 'good', READY);
const STUCK = aPodOf('ring-1', 'bad', NEVER);

describe('the plan', () => {
  const planOf = (now: Fixture, pods: Fixture[]) => {
    const history = [aRevision(1, 'deployed', { manifest: namesOf([THEN]) })];
    const live = aLiveRelease([now, ...pods], { history });
    const server = new ModelServer([now.object]);
    return planWith(aSource([saved(THEN)], { history }), live, server);
  };
  const stuckOf = (now: Fixture, pods: Fixture[]) =>
    (planOf(now, pods).stuckPods ?? []).map(({ ref, why }) => `${displayName(ref)}: ${why}`);

  test('names what a bad upgrade left, and counts no cache of it', () => {
    const plan = planOf(BAD, [SERVING, STUCK]);
    assert.deepEqual(
      (plan.stuckPods ?? []).map(({ ref, why }) => [displayName(ref), why]),
      [['pod/ring-1', 'ImagePullBackOff: no such']],
    );
    assert.equal(plan.cachesEmptied, 1);
  });

  test('names it where the objects are equal already, too: there is something to do', () => {
    const plan = planOf(THEN, [SERVING, STUCK]);
    assert.deepEqual([plan.objects[0]?.action, plan.stuckPods?.length, plan.nothingToDo], ['keep', 1, false]);
  });

  test('names none that was ready once, or that the template to come has', () => {
    const once = aPodOf('ring-1', 'bad', {
      ...NEVER,
      conditions: conditions('False', '2026-11-24T11:55:00Z'),
    });
    assert.deepEqual(stuckOf(BAD, [SERVING, once]), []);
    assert.deepEqual(stuckOf(BAD, [SERVING, aPodOf('ring-1', 'good', NEVER)]), []);
    assert.deepEqual(stuckOf(THEN, [SERVING, aPodOf('ring-1', 'good', NEVER)]), []);
  });
});

describe('why a rollout does not get on', () => {
  const of = (workload: Fixture, ...pods: Fixture[]) =>
    blockingReasons({ workload: workload.object, replicaSets: [], pods: pods.map(({ object }) => object) });

  test('a pod of an older template, where its StatefulSet waits for it', () => {
    assert.deepEqual(of(THEN, SERVING, STUCK), [
      'pod/ring-1: ImagePullBackOff: no such',
      'statefulset.apps/ring waits for pod/ring-1, of an older template, to become ready (podManagementPolicy OrderedReady): it goes on once that pod is deleted',
    ]);
    assert.deepEqual(of(THEN.with({ spec: { podManagementPolicy: 'Parallel' } }), SERVING, STUCK), []);
  });

  test('a pod that shows no reason, and one that is not gone, by their names', () => {
    const [ready, rest] = conditions('False', AT) as [JsonObject, JsonObject];
    const message = 'containers with unready status: [memcached]';
    const unready = aPodOf('ring-0', 'good', { conditions: [{ ...ready, message }, rest] });
    const going = STUCK.with({ metadata: { deletionTimestamp: AT, finalizers: ['example.org/hold'] } });
    assert.deepEqual(of(THEN, unready, going), [
      `pod/ring-0: it is not ready: ${message}`,
      'pod/ring-1: it is being deleted, and its finalizer example.org/hold holds it',
    ]);
  });
});

describe('a pod that never became ready is deleted', () => {
  const stuck = [{ ref: refOf(STUCK.object), workload: refOf(THEN.object), why: '' }];
  /** A cluster that holds these pods, one list a look. */
  async function replace(looks: Fixture[][], refusals: ApiError[] = [], timeoutMs = 1000) {
    const deleted: string[] = [];
    const said: unknown[] = [];
    let look = 0;
    const stub: Partial<KubeClient> = {
      get: async () => THEN.object,
      list: async ({ kind }): Promise<KubeObject[]> =>
        kind === 'Pod' ? looks[Math.min(look++, looks.length - 1)]!.map(({ object }) => object) : [],
      resourceType: async (apiVersion, kind): Promise<ResourceType> => ({
        apiVersion,
        kind,
        plural: `${kind.toLowerCase()}s`,
        namespaced: true,
      }),
      delete: async (ref, options) => {
        deleted.push(ref.name);
        said.push([options.uid, options.resourceVersion]);
        const refusal = refusals.shift();
        if (refusal !== undefined) throw refusal;
        return true;
      },
    };
    const done: string[] = [];
    const outcome = await replaceStuckPods(stub as KubeClient, stuck, {
      timeoutMs,
      signal: new AbortController().signal,
      onProgress: () => {},
      onDeleted: (ref) => done.push(ref.name),
    });
    return { deleted, said, done, outcome };
  }
  const refusal = (status: number, reason: string) =>
    new ApiError(
      { status, reason, message: 'pods "ring-1" is forbidden' },
      {
        verb: 'delete',
        group: '',
        resource: 'pods',
      },
    );

  test('as it was read: by its uid and its resourceVersion', async () => {
    const { said, done, outcome } = await replace([[SERVING, STUCK]]);
    const { uid, resourceVersion } = STUCK.object.metadata as JsonObject;
    assert.deepEqual([said, done, outcome], [[[uid, resourceVersion ?? '']], ['ring-1'], undefined]);
  });

  test('never where by then it is ready, was ready, is of the present template, or is another one', async () => {
    const others = [
      aPodOf('ring-1', 'bad', READY),
      aPodOf('ring-1', 'bad', { ...NEVER, conditions: conditions('False', '2026-11-24T11:55:00Z') }),
      aPodOf('ring-1', 'good', NEVER),
      STUCK.with({ metadata: { deletionTimestamp: AT } }),
    ];
    for (const pod of others) assert.deepEqual((await replace([[SERVING, pod]])).deleted, []);
    assert.deepEqual((await replace([[SERVING]])).deleted, []);
    assert.equal(nameOf(STUCK.object), 'ring-1');
    assert.notEqual(uidOf(STUCK.object), undefined);
  });

  test('looked at again where it moved meanwhile: it may have become ready', async () => {
    const conflict = refusal(409, 'Conflict');
    const { deleted, done } = await replace([[STUCK], [aPodOf('ring-1', 'bad', READY)]], [conflict]);
    assert.deepEqual([deleted, done], [['ring-1'], []]);
  });

  test('where that is not allowed, the restore says so', async () => {
    const { outcome } = await replace([[STUCK]], [refusal(403, 'Forbidden')]);
    assert.equal(outcome?.done, false);
    assert.match(outcome?.message ?? '', /statefulset.apps\/ring: pod\/ring-1 could not be deleted/);
  });
});
