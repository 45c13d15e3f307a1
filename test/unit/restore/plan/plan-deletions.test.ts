import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { displayName, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import type { PlanInput } from '../../../../src/restore/plan/plan-input.ts';
import {
  awaitDeletions,
  deletionsToAwait,
  waitUntilDeleted,
} from '../../../../src/restore/write/await-deletions.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import {
  aClaim,
  aConfigMap,
  aDeployment,
  aPod,
  aReplicaSet,
  type Fixture,
} from '../../../support/objects.ts';
import { applyToModel, namesOf, planWith } from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const AT = '2026-11-24T11:50:00Z';
const CART = aDeployment('cart').served();
const CONFIG = aConfigMap('cart').served();
const held = (object: Fixture, ...finalizers: string[]) => object.with({ metadata: { finalizers } });
const going = (object: Fixture) => object.with({ metadata: { deletionTimestamp: AT } });
const OTHER = CART.with({ spec: { selector: { matchLabels: { app: 'other' } } } });

function planOf(before: Fixture[], now: Fixture[], options: Partial<PlanInput['options']> = {}) {
  const history = [aRevision(1, 'deployed', { manifest: namesOf(before) })];
  const releases = [aRevision(1, 'deployed', { manifest: namesOf([...before, ...now]) })];
  const source = aSource(
    before.map((object) => saved(object)),
    { history },
  );
  const live = aLiveRelease(now, { history: releases });
  const server = new ModelServer(now.map(({ object }) => object));
  const plan = planWith(source, live, server, { options: { wholeRelease: true, ...options } });
  return { plan, source, live, server };
}

describe('what a finalizer holds', () => {
  const cases: [string, Fixture[], Fixture[]][] = [
    ['deleted and made again', [CART], [held(OTHER, 'example.org/hold')]],
    ['deleted', [CART], [CART, held(CONFIG, 'example.org/hold')]],
  ];
  for (const [what, before, now] of cases) {
    test(`is not ${what} without --recreate, and is named with it`, () => {
      const refused = planOf(before, now).plan;
      assert.match(
        refused.refusals.join(),
        new RegExp(`would have to be ${what}, and its finalizer example.org/hold`),
      );
      const { refusals, warnings } = planOf(before, now, { recreate: true }).plan;
      assert.deepEqual(refusals, []);
      assert.match(warnings.join(), /is deleted, and its finalizer example.org\/hold holds it until/);
    });
  }

  test('is nobody’s matter while it is kept, and what the cluster itself clears holds nothing', () => {
    const kept = planOf([CART], [held(CART, 'example.org/hold')]).plan;
    assert.deepEqual([kept.refusals, kept.warnings], [[], []]);
    const cleared = held(
      OTHER,
      'foregroundDeletion',
      'orphan',
      'service.kubernetes.io/load-balancer-cleanup',
    );
    assert.deepEqual(planOf([CART], [cleared]).plan.refusals, []);
  });

  test('a deletion that does not come about is an error, not a deletion', async () => {
    const { plan, source, live, server } = planOf([CART], [CART, held(CONFIG, 'example.org/hold')], {
      recreate: true,
    });
    server.delete = () => {};
    await assert.rejects(
      applyToModel(plan, source, { live, server }),
      /configmap\/cart is still being deleted after 1 s/,
    );
  });
});

describe('an object that is being deleted', () => {
  test('is never as it was: it is made again once it is gone', () => {
    const { plan, live } = planOf([CART], [going(held(CART, 'example.org/hold'))]);
    assert.deepEqual(
      plan.objects.map(({ action, reason }) => [action, reason]),
      [['create', `it is being deleted since ${AT}, and is made again once it is gone`]],
    );
    assert.equal(plan.nothingToDo, false);
    assert.match(
      plan.warnings.join(),
      /is being deleted, and its finalizer example.org\/hold holds it until/,
    );
    assert.deepEqual(
      deletionsToAwait(plan, live).map((object) => displayName(refOf(object))),
      ['deployment.apps/cart'],
    );
  });

  test('a claim does not go while a pod uses it', () => {
    const claim = going(aClaim('data').served());
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const pod = aPod('cart-1', aReplicaSet(CART.object).object).with({ spec: { volumes } });
    assert.match(planOf([claim], [claim, pod]).plan.refusals.join(), /pod\/cart-1 does/);
    const { refusals, objects } = planOf([claim], [claim]).plan;
    assert.deepEqual([refusals, objects[0]?.action], [[], 'create']);
  });

  test('one that the backup lacks goes by itself', () => {
    const { plan } = planOf([CART], [CART, going(CONFIG)]);
    assert.equal(plan.objects.find(({ ref }) => ref.kind === 'ConfigMap')?.action, 'keep');
  });
});

describe('waiting until an object is gone', () => {
  const kubeOf = (looks: (Fixture | undefined)[]): KubeClient => {
    let look = 0;
    const get = async () => looks[Math.min(look++, looks.length - 1)]?.object;
    return { get } as Partial<KubeClient> as KubeClient;
  };
  const wait = (looks: (Fixture | undefined)[], timeoutMs: number, signal?: AbortSignal) =>
    waitUntilDeleted(kubeOf(looks), refOf(CART.object), 'uid-of-Deployment-cart', {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });

  test('ends when it is, or when another one has its name', async () => {
    await wait([CART, undefined], 5000);
    await wait([CART, CART.with({ metadata: { uid: 'another' } })], 5000);
  });

  test('ends at its time, with the name of what holds it', async () => {
    await assert.rejects(
      wait([held(CART, 'example.org/hold')], 300),
      /deployment.apps\/cart is still being deleted after 0.3 s: its finalizer example.org\/hold holds it/,
    );
  });

  test('ends soon after an interruption, and then takes what goes in time', async () => {
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 100);
    const started = performance.now();
    assert.equal(await wait([CART], 60_000, interruption.signal), false);
    const tookMs = performance.now() - started;
    assert.ok(tookMs > 1_000 && tookMs < 1_900, `${tookMs} ms`);
    assert.equal(await wait([CART, CART, undefined], 60_000, interruption.signal), true);
  });

  test('is for what somebody else deleted, before anything is written', async () => {
    const { plan, live } = planOf([CART, CONFIG], [going(CART), CONFIG]);
    const asked: string[] = [];
    const get = async (ref: Parameters<KubeClient['get']>[0]) => void asked.push(keyOf(ref));
    await awaitDeletions({ get } as Partial<KubeClient> as KubeClient, plan, live, 1000);
    assert.deepEqual(asked, [keyOf(refOf(CART.object))]);
  });
});
