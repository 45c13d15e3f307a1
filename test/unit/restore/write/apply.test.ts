import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { type KubeObject, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { JournaledWrites } from '../../../../src/restore/journal/journaled-writes.ts';
import { type Applied, applyPlan } from '../../../../src/restore/write/apply.ts';
import { writtenDigest } from '../../../../src/restore/write/comparable-form.ts';
import { managerOf } from '../../../../src/restore/write/written-by.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import {
  aConfigMap,
  aDeployment,
  anAutoscaler,
  anObject,
  aService,
  type Fixture,
} from '../../../support/objects.ts';
import {
  applyToModel,
  type Kill,
  modelKube,
  NOW,
  namesOf,
  planWith,
} from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const HELM = { 'f:spec': {} };
const CART = aDeployment('cart').served().ownedBy('helm', HELM);
const SERVICE = aService('cart').served().ownedBy('helm', HELM);
const CONFIG = aConfigMap('cart').served().ownedBy('helm', HELM);
const SCALER = anAutoscaler('cart', 'cart').served();

const released = (...objects: Fixture[]) => [aRevision(1, 'deployed', { manifest: namesOf(objects) })];

/** A restore that creates, replaces, makes again and deletes an object each. */
function aRestore() {
  const other = CART.with({ spec: { selector: { matchLabels: { app: 'other' } } } });
  const changed = CONFIG.with({ data: { 'memcached.conf': '-m 1' } });
  const now = [other, changed, SCALER];
  const source = aSource(
    [CART, SERVICE, CONFIG].map((object) => saved(object)),
    {
      history: released(CART, SERVICE, CONFIG),
    },
  );
  const live = aLiveRelease(now, { history: released(CART, SERVICE, CONFIG, SCALER) });
  const server = new ModelServer(now.map(({ object }) => object));
  const plan = planWith(source, live, server);
  assert.deepEqual(
    plan.objects.map(({ action }) => action).sort(),
    ['create', 'delete', 'recreate', 'replace'],
    'it does all of it',
  );
  return {
    server,
    entries: (fault?: Kill) => applyToModel(plan, source, { live, server }, fault),
  };
}

/** What is there, but for the server's own bookkeeping, which counts every write. */
function contentsOf({ objects }: ModelServer): Map<string, KubeObject> {
  return new Map(
    objects.map((object) => {
      const { resourceVersion: _, uid: _uid, ...metadata } = object.metadata as KubeObject;
      return [keyOf(refOf(object)), { ...object, metadata }];
    }),
  );
}

test('what no restore writes is not sent, whatever the plan says', async () => {
  for (const [object, why] of [
    [anObject('v1', 'Pod', 'cart'), /pod\/cart is never written: a restore makes no Pods$/],
    [aConfigMap('cart').with({ metadata: { namespace: 'other' } }), /in namespace other$/],
  ] as const) {
    const source = aSource([saved(object)], { history: released(CART) });
    const live = aLiveRelease([], { history: released(CART) });
    const server = new ModelServer([]);
    const plan = planWith(source, live, server);
    assert.deepEqual(
      plan.objects.map(({ action }) => action),
      ['create'],
    );
    await assert.rejects(applyToModel(plan, source, { live, server }), why);
    assert.deepEqual(server.objects, []);
    const deletion = {
      ...plan,
      objects: plan.objects.map((each) => ({ ...each, action: 'delete' as const })),
    };
    const there = new ModelServer([object.served().object]);
    await assert.rejects(
      applyToModel(deletion, source, { live: aLiveRelease([object]), server: there }),
      why,
    );
    assert.equal(there.objects.length, 1);
  }
});

describe('a write whose answer is lost', { concurrency: true }, () => {
  const lost = new UnreachableError('the server closed the connection before it answered');
  // Creation, replacement and second creation with an ownership each, two deletions.
  const WRITES = 8;
  for (let at = 1; at <= WRITES; at++) {
    for (const side of ['before', 'after'] as const) {
      test(`is done once, and the restore goes on (write ${at}, ${side} the server did it)`, async () => {
        const whole = aRestore();
        const expected = await whole.entries();
        const { server, entries } = aRestore();
        const shown = (each: typeof expected) => each.map(({ type, ref }) => `${type} ${keyOf(ref)}`);
        assert.deepEqual(shown(await entries({ at, side, error: lost })), shown(expected));
        assert.deepEqual(contentsOf(server), contentsOf(whole.server));
      });
    }
  }
});

test('what the server refuses was not written, and is told so at once', async () => {
  const call = { verb: 'create', group: '', resource: 'services' };
  const forbidden = ApiError.fromReply(403, '', call);
  await assert.rejects(aRestore().entries({ at: 1, side: 'before', error: forbidden }), forbidden);
});

test('what somebody changes right after the write is told apart from what was written', async () => {
  const changed = CONFIG.with({ data: { 'memcached.conf': '-m 1' } });
  const history = released(CONFIG);
  const source = aSource([saved(CONFIG)], { history });
  const live = aLiveRelease([changed], { history });
  const server = new ModelServer([changed.object]);
  const theirs = { 'memcached.conf': '-m 99' };
  const applied: Applied[] = [];
  const journaled = new JournaledWrites({ location: '', append: async () => {} }, managerOf('x'), () => NOW);
  const kube: KubeClient = {
    ...modelKube(server),
    patch: async () => {
      server.write({ ...server.get(refOf(CONFIG.object))!, data: theirs });
      throw ApiError.fromReply(409, '', { verb: 'patch', group: '', resource: 'configmaps' });
    },
  };

  const applying = applyPlan(planWith(source, live, server), {
    kube,
    source,
    live,
    timeoutMs: 1000,
    signal: new AbortController().signal,
    journaled,
    mayGoOn: async () => {},
    onApplied: (each) => void applied.push(each),
  });

  await assert.rejects(applying, /configmap\/cart was changed by somebody else while/);
  assert.equal(applied.length, 1);
  assert.equal(journaled.done.length, 1, 'an undo knows what was written');
  assert.notEqual(applied[0]?.wrote, writtenDigest(server.get(refOf(CONFIG.object))!));
});
