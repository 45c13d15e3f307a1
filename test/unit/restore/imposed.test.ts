import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { keyOf, refOf } from '../../../src/model/kubernetes/object.ts';
import type { DryRunAnswer } from '../../../src/restore/plan/dry-run.ts';
import { prove } from '../../../src/restore/pods/prove.ts';
import { ModelServer } from '../../support/api-server.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { aDeployment, aPod, aReplicaSet, type Fixture, withContainer } from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';
import { namesOf, planWith } from '../../support/restore-model.ts';
import { aSource, saved } from '../../support/restore-source.ts';

const CART = aDeployment('cart').annotated({ 'deployment.kubernetes.io/revision': '1' }).served();
const SET = aReplicaSet(CART.object);
const PODS = [aPod('cart-1', SET.object), aPod('cart-2', SET.object)];
const MUTATED = withContainer(CART, { args: ['-m', '128', '-c', '1024'] });
const RUNS_128 = podSettings('cart-1', {
  args: ['-m', '128', '-c', '1024'],
  stats: { maxbytes: String(128 * 2 ** 20) },
});

/** The plan where the server makes `becomes` of what is sent, and that runs already. */
function planOf(becomes: Fixture, livePods = [RUNS_128]) {
  const history = [aRevision(1, 'deployed', { manifest: namesOf([CART]) })];
  const source = aSource([saved(CART)], { history, pods: [podSettings('cart-1')] });
  const live = aLiveRelease([becomes, SET, ...PODS], { history });
  const answer: DryRunAnswer = { kind: 'accepted', object: becomes.object };
  const answers = new Map([[keyOf(refOf(CART.object)), answer]]);
  return planWith(source, live, new ModelServer([becomes.object]), { answers, livePods });
}

test('a setting that the server changes is named, and no cache is emptied for it', () => {
  const plan = planOf(MUTATED);
  assert.deepEqual(
    plan.objects.map(({ action }) => action),
    ['keep'],
  );
  assert.equal(plan.cachesEmptied, 0);
  assert.match(
    plan.warnings.join(),
    /the API server changes deployment.apps\/cart whenever it is written .*args\[1\]: "64" → "128"/,
  );
  assert.deepEqual(plan.imposed?.[0]?.settings, [
    { key: 'maxbytes', backup: '67108864', server: '134217728' },
  ]);
  assert.deepEqual([plan.nothingToDo, plan.proof?.verdict], [false, 'unproven']);
  assert.match(
    plan.proof?.pods[0]?.why ?? '',
    /^maxbytes is 134217728 \(128 MiB\), the backup says 67108864 \(64 MiB\): the API server changes deployment.apps\/cart$/,
  );
});

test('another setting is still brought back by a restart', () => {
  const running = podSettings('cart-1', {
    args: ['-m', '128', '-c', '1024'],
    stats: { maxbytes: String(128 * 2 ** 20), verbosity: '2' },
  });
  const plan = planOf(MUTATED, [running]);
  assert.deepEqual(
    plan.objects.filter(({ action }) => action === 'restart').map(({ changes }) => changes),
    [['cart-1 runs with verbosity=2, not 0']],
  );
});

test('what can not be told apart from it restarts nothing either', () => {
  const scripted = withContainer(CART, { command: ['sh', '-c', 'exec memcached -m 128'], args: [] });
  const plan = planOf(scripted);
  assert.deepEqual(
    plan.objects.map(({ action }) => action),
    ['keep'],
  );
  assert.equal(plan.proof?.verdict, 'unproven');
});

test('what the server adds beside it is told, and weighs nothing; its defaults are not even told', () => {
  const equal = [podSettings('cart-1')];
  const labelled = planOf(CART.labelled({ team: 'shop' }), equal);
  assert.match(labelled.warnings.join(), /the API server adds to deployment.apps\/cart .*metadata.labels/);
  assert.equal(labelled.nothingToDo, true);
  const defaulted = planOf(CART.with({ spec: { progressDeadlineSeconds: 600 } as JsonObject }), equal);
  assert.deepEqual([defaulted.imposed, defaulted.nothingToDo], [undefined, true]);
});

test('a pod that runs with neither the backup’s nor the server’s setting differs', () => {
  const { imposed = [] } = planOf(MUTATED);
  const other = podSettings('cart-1', { stats: { maxbytes: '1048576' } });
  const canary = { stored: true, readBack: true, deleted: true };
  assert.equal(prove([{ settings: other, canary }], [podSettings('cart-1')], { imposed }).verdict, 'differs');
  assert.equal(
    prove([{ settings: RUNS_128, canary }], [podSettings('cart-1')], { imposed }).verdict,
    'unproven',
  );
});
