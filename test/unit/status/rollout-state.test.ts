import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { rolloutsOf } from '../../../src/status/rollout-state.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { aDeployment, aPod, aReplicaSet, type Fixture } from '../../support/objects.ts';
import { namesOf } from '../../support/restore-model.ts';

const CART = aDeployment('cart').annotated({ 'deployment.kubernetes.io/revision': '1' }).served();
const SET = aReplicaSet(CART.object);

function stateOf(cart: Fixture, pod: JsonObject) {
  const objects = [cart, SET, aPod('cart-1', SET.object).with({ status: pod })];
  return rolloutsOf(
    aLiveRelease(objects, { history: [aRevision(1, 'deployed', { manifest: namesOf([cart]) })] }),
  );
}

const statuses = (state: JsonObject, rest: JsonObject = {}) => ({
  containerStatuses: [{ name: 'memcached', ready: false, state, ...rest }],
});
const RUNNING = statuses({ running: {} });
const UNDER_WAY = CART.with({ status: { updatedReplicas: 1 } });

test('what is done is no rollout', () => {
  assert.deepEqual(stateOf(CART, RUNNING), { state: 'done', why: [] });
});

test('a rollout whose new pods crash is stuck, and says why', () => {
  const { state, why } = stateOf(UNDER_WAY, statuses({ waiting: { reason: 'CrashLoopBackOff' } }));
  assert.equal(state, 'stuck');
  assert.match(why.join(), /of the new template,pod\/cart-1: CrashLoopBackOff/);
});

test('one that waits for a probe is under way', () => {
  assert.equal(stateOf(UNDER_WAY, RUNNING).state, 'rolling-out');
});

test('one whose deadline is over is stuck', () => {
  const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
  assert.equal(stateOf(CART.with({ status: { conditions } }), RUNNING).state, 'stuck');
});
