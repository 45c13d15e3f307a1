import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayName } from '../../../../src/model/kubernetes/object.ts';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { makePlan } from '../../../../src/restore/plan/make-plan.ts';
import {
  afterChanges,
  plannedChanges,
  runtimeChanges,
} from '../../../../src/restore/plan/runtime-changes.ts';
import { leaveRunning } from '../../../../src/restore/plan/without-restart.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import {
  aConfigMap,
  aDeployment,
  anAutoscaler,
  aPod,
  aReplicaSet,
  aService,
  type Fixture,
  withContainer,
} from '../../../support/objects.ts';
import { podSettings } from '../../../support/pod-settings.ts';
import { namesOf, planInput } from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const CART = aDeployment('cart').served();
const SET = aReplicaSet(CART.object);
const PODS = [aPod('cart-1', SET.object), aPod('cart-2', SET.object)];
const BIG = { maxbytes: '134217728', maxconns: '64' };

/** The plan to `before`, of a cluster that holds `now` and two pods that say `stats`. */
function plan(before: Fixture[], now: Fixture[], pods: PodSettings[]) {
  const history = (objects: Fixture[], revision: number) => [
    aRevision(revision, 'deployed', { manifest: namesOf(objects) }),
  ];
  const source = aSource(
    before.map((object) => saved(object)),
    { history: history(before, 1), pods: [podSettings('cart-1')] },
  );
  const live = aLiveRelease([...now, SET, ...PODS], { history: history(now, 2) });
  const changes = runtimeChanges(source.pods, live, pods);
  const input = planInput(source, live, new ModelServer(now.map(({ object }) => object)), {
    livePods: afterChanges(pods, plannedChanges(changes)),
    options: { wholeRelease: false, withoutRestart: true },
  });
  return leaveRunning(makePlan(input), input, changes);
}

const actions = ({ objects }: ReturnType<typeof plan>) =>
  objects.map(({ action, ref }) => `${action} ${displayName(ref)}`);
const twoPods = (stats: Record<string, string>) =>
  ['cart-1', 'cart-2'].map((name) => podSettings(name, { stats }));

test('a workload whose template differs is left, and so is Helm’s record; the rest of the plan is as ever', () => {
  const service = aService('cart');
  const bad = withContainer(CART, { args: ['-m', '128', '-c', '64'] });
  const made = plan([CART, service], [bad, service.served().labelled({ drifted: 'yes' })], twoPods(BIG));
  assert.deepEqual(actions(made), ['replace service/cart', 'keep deployment.apps/cart']);
  const { runtime, helm, warnings } = made;
  assert.deepEqual(helm, { action: 'keep', revision: 2 });
  assert.deepEqual(
    runtime?.changes.map(({ pod, workload, commands }) => [pod, workload, commands]),
    [
      ['cart-1', 'deployment.apps/cart', ['cache_memlimit 64']],
      ['cart-2', 'deployment.apps/cart', ['cache_memlimit 64']],
    ],
  );
  const [left] = runtime?.left ?? [];
  assert.equal(displayName(left!.ref), 'deployment.apps/cart');
  assert.deepEqual(
    left!.settings,
    [{ key: 'maxconns', expected: '1024', actual: '64' }],
    'once, not for each pod',
  );
  assert.match(left!.changes.join(), /spec\.template/);
  assert.match(warnings.join(), /a smaller cache takes no more memory .* pod\/cart-1/);
});

test('settings that somebody changed in a running server are sent back, and no pod is restarted', () => {
  const sent = plan([CART], [CART], twoPods({ maxbytes: '134217728' }));
  assert.deepEqual(actions(sent), ['keep deployment.apps/cart']);
  assert.equal(sent.runtime?.left.length, 0);
  assert.equal(sent.nothingToDo, false);
  assert.equal(sent.proof, undefined);
  const both = plan([CART], [CART], twoPods(BIG));
  assert.deepEqual(actions(both), ['keep deployment.apps/cart']);
  assert.deepEqual(both.runtime?.left[0]?.settings, [{ key: 'maxconns', expected: '1024', actual: '64' }]);
});

test('what scales pods down, deletes their workload, or has it restarted by a reloader is left, too', () => {
  const autoscaler = anAutoscaler('cart', 'cart');
  const config = aConfigMap('cart', { 'memcached.conf': '-m 64' });
  const reads = {
    envFrom: [{ configMapRef: { name: 'cart' } }],
  };
  const watched = withContainer(CART, reads).annotated({ 'reloader.stakater.com/auto': 'true' });
  const changed = [
    watched.served(),
    autoscaler.served().with({ spec: { maxReplicas: 9 } }),
    config.served().with({ data: { 'memcached.conf': '-m 8' } }),
  ];
  const made = plan([watched, autoscaler, config], changed, twoPods({}));
  assert.ok(
    actions(made).every((each) => each.startsWith('keep ')),
    actions(made).join(),
  );
  assert.deepEqual(made.runtime?.left.map(({ ref, why }) => `${ref.kind}: ${why}`).sort(), [
    'ConfigMap: pods are restarted where it changes',
    'HorizontalPodAutoscaler: it may have pods ended',
  ]);
  const without = aDeployment('other').served();
  const set = aReplicaSet(without.object);
  const fewer = plan([CART.with({ spec: { replicas: 1 } })], [CART, without, set], twoPods({}));
  assert.deepEqual(
    fewer.runtime?.left.map(({ ref }) => displayName(ref)),
    ['deployment.apps/cart'],
  );
});

test('where the pods keep their template whatever is written, it is written', () => {
  const paused = CART.with({ spec: { paused: true } });
  const bad = withContainer(paused, { args: ['-m', '8'] });
  const made = plan([paused], [bad.served()], twoPods({ maxbytes: '8388608' }));
  assert.deepEqual(actions(made), ['replace deployment.apps/cart']);
  assert.deepEqual(made.runtime?.left, []);
  assert.deepEqual(made.runtime?.changes[0]?.commands, ['cache_memlimit 64']);
});
