import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeClient } from '../../../../../src/kube/client.ts';
import { cacheCounters } from '../../../../../src/model/cache/cache-counters.ts';
import { type JsonObject, objectAt, valueAt } from '../../../../../src/model/json/json.ts';
import { heldForm } from '../../../../../src/model/kubernetes/held-rollout.ts';
import { type KubeObject, refOf } from '../../../../../src/model/kubernetes/object.ts';
import type { PacedPod } from '../../../../../src/restore/pods/paced/pace.ts';
import { paceRollout } from '../../../../../src/restore/pods/paced/paced-rollout.ts';
import { WarmUp } from '../../../../../src/restore/pods/paced/warm-up.ts';
import type { HeldObject } from '../../../../../src/restore/write/apply.ts';
import { aDeployment, aPod, aReplicaSet, type Fixture, withContainer } from '../../../../support/objects.ts';

/**
 * A Deployment of three pods and the part of its controller that counts: while it is not paused, the new ReplicaSet grows by one
 * at a time, and an old pod goes for each new one that is available.
 */
class Shop {
  readonly events: string[] = [];
  readonly held: HeldObject;
  /** Hits in a hundred reads, by pod. */
  readonly ratio = new Map<string, number>();
  /** Pods that never get ready. */
  readonly broken = new Set<string>();
  readonly #sets: [Fixture, Fixture];
  #pods: { old: KubeObject[]; fresh: KubeObject[] };
  #deployment: KubeObject;
  #looks = 0;

  constructor(strategy: JsonObject = { type: 'RollingUpdate' }) {
    const meant = withContainer(aDeployment('cart').with({ spec: { replicas: 3, strategy } }), {
      args: ['-m', '32'],
    }).served();
    const old = withContainer(aDeployment('cart'), { args: ['-m', '16'] }).served();
    const set = (of: Fixture, revision: number): Fixture =>
      aReplicaSet(meant.object, revision).with({
        spec: { template: objectAt(of.object, 'spec', 'template')! },
      });
    this.#sets = [set(old, 1), set(meant, 2)];
    this.#pods = { old: [1, 2, 3].map((at) => aPod(`old-${at}`, this.#sets[0].object).object), fresh: [] };
    const form = heldForm(meant.object, 'memcached-backup-x')!;
    const { entry } = { entry: {} as HeldObject['object']['entry'] };
    this.held = { object: { ref: refOf(meant.object), raw: meant.object, entry }, form, written: form };
    this.#deployment = form;
  }

  get fresh(): number {
    return this.#pods.fresh.length;
  }

  get kube(): KubeClient {
    const counted = (set: Fixture, replicas: number): KubeObject => set.with({ spec: { replicas } }).object;
    const stub: Partial<KubeClient> = {
      get: async () => {
        this.#control();
        return { ...this.#deployment, status: { observedGeneration: 1 } };
      },
      list: async ({ kind }) =>
        kind === 'Pod'
          ? [...this.#pods.old, ...this.#pods.fresh]
          : [
              counted(this.#sets[0], this.#pods.old.length),
              ...(this.fresh === 0 ? [] : [counted(this.#sets[1], this.fresh)]),
            ],
      resourceType: async (apiVersion, kind) => ({ apiVersion, kind, plural: kind, namespaced: true }),
    };
    return stub as KubeClient;
  }

  write = async (_held: HeldObject, form: KubeObject): Promise<void> => {
    this.#deployment = form;
    this.events.push(this.isPaused ? 'paused' : 'let go');
  };

  get isPaused(): boolean {
    return valueAt(this.#deployment, 'spec', 'paused') === true;
  }

  /** Reads a hundred keys of a pod each time that it is looked at. */
  look = async (_workload: KubeObject, pod: KubeObject) => {
    const name = refOf(pod).name;
    const hits = this.ratio.get(name) ?? 100;
    this.#looks++;
    this.events.push(`look at ${name}`);
    const counters = { get_hits: `${hits * this.#looks}`, get_misses: `${(100 - hits) * this.#looks}` };
    return { at: this.#looks * 3000, counters: cacheCounters(counters) };
  };

  #control(): void {
    if (this.isPaused) return;
    const { old, fresh } = this.#pods;
    const isSurging = valueAt(this.#deployment, 'spec', 'strategy', 'rollingUpdate', 'maxSurge') === 1;
    const most = isSurging ? 4 : 3;
    if (old.length + fresh.length >= most) this.#pods.old = old.slice(1);
    const name = `new-${fresh.length + 1}`;
    const isReady = !this.broken.has(name);
    const pod = aPod(name, this.#sets[1].object).with({
      metadata: { uid: `uid-${name}` },
      status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
    });
    this.#pods.fresh.push(pod.object);
    this.events.push(`${name} comes, ${this.#pods.old.length} old ones are left`);
  }
}

/** @param isCut whether it is interrupted after a write. */
function pacing(
  shop: Shop,
  timeouts: { ready?: number; warm?: number } = {},
  isCut: () => boolean = () => false,
) {
  const paced: PacedPod[] = [];
  const signal = new AbortController();
  const warmUp = new WarmUp({
    look: shop.look,
    pace: { hitRatio: 0.9, timeoutMs: timeouts.warm ?? 60_000 },
    old: { of: () => 1, isCounted: true },
    everyMs: 5,
    signal: signal.signal,
    onProgress: () => {},
    onPaced: (pod) => paced.push(pod),
  });
  const write: Shop['write'] = async (held, form) => {
    await shop.write(held, form);
    if (isCut()) signal.abort();
  };
  const options = {
    timeoutMs: timeouts.ready ?? 60_000,
    signal: signal.signal,
    onProgress: () => {},
    warmUp,
    write,
  };
  return { paced, signal, run: () => paceRollout(shop.kube, shop.held, options) };
}

test('one pod at a time: a new one comes, is looked at until it is warm, and only then does the next one', async () => {
  const shop = new Shop();
  const { paced, run } = pacing(shop);

  assert.equal(await run(), undefined);

  assert.deepEqual(
    shop.events.filter((event, at, all) => event !== all[at - 1]),
    [
      'let go',
      'new-1 comes, 3 old ones are left',
      'paused',
      'look at new-1',
      'let go',
      'new-2 comes, 2 old ones are left',
      'paused',
      'look at new-2',
      'let go',
      'new-3 comes, 1 old ones are left',
      'paused',
      'look at new-3',
    ],
    'writing it as it is meant lets the last one go',
  );
  assert.deepEqual(
    paced.map(({ pod, outcome, hitRatio }) => [pod.name, outcome, hitRatio]),
    [1, 2, 3].map((at) => [`new-${at}`, 'warm', 1]),
  );
});

test('where none comes before another goes, each old one is replaced, the last one too', async () => {
  const shop = new Shop({ type: 'Recreate' });
  const { run } = pacing(shop);
  assert.equal(await run(), undefined);
  assert.deepEqual(
    shop.events.filter((event) => event.includes('comes')),
    [
      'new-1 comes, 2 old ones are left',
      'new-2 comes, 1 old ones are left',
      'new-3 comes, 0 old ones are left',
    ],
  );
  assert.equal(shop.isPaused, true);
});

test('a cold pod is waited for no longer than was asked for, and that is told', async () => {
  const shop = new Shop();
  for (const at of [1, 2, 3]) shop.ratio.set(`new-${at}`, 89);
  const { paced, run } = pacing(shop, { warm: 0 });
  assert.equal(await run(), undefined);
  assert.deepEqual(
    paced.map(({ outcome }) => outcome),
    ['timed-out', 'timed-out', 'timed-out'],
  );
});

test('where a new pod does not get ready, no other goes: the workload stays held', async () => {
  const shop = new Shop();
  shop.broken.add('new-2');
  const { run } = pacing(shop, { ready: 50 });
  const late = await run();
  assert.equal(late?.done, false);
  assert.equal(late?.message, 'deployment.apps/cart: 1 of 2 new pods are ready');
  assert.equal(shop.fresh, 2);
  assert.equal(shop.isPaused, true);
  assert.doesNotMatch(late?.obstacles.join() ?? '', /it is paused/);
});

test('whoever interrupts it in the middle of a step finds the workload paused again', async () => {
  const shop = new Shop();
  const { signal, run } = pacing(shop, {}, () => !shop.isPaused);
  assert.equal(await run(), undefined);
  assert.equal(signal.signal.aborted, true);
  assert.deepEqual(shop.events, ['let go', 'paused']);
});
