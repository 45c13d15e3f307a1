import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { heldForm } from '../../../../src/model/kubernetes/held-rollout.ts';
import { displayName, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { unprovenOf } from '../../../../src/model/plan/proof.ts';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { comparable } from '../../../../src/restore/plan/comparable.ts';
import type { DryRunAnswer } from '../../../../src/restore/plan/dry-run.ts';
import type { PlanInput } from '../../../../src/restore/plan/plan-input.ts';
import { isImmutable } from '../../../../src/restore/plan/plan-refusals.ts';
import { withoutKinds } from '../../../../src/restore/plan/skip-kinds.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease, aNamespace, type LiveOptions } from '../../../support/live-release.ts';
import {
  aClaim,
  aConfigMap,
  aDeployment,
  anAutoscaler,
  anObject,
  aPod,
  aReplicaSet,
  aSecret,
  aService,
  Fixture,
  withContainer,
} from '../../../support/objects.ts';
import { podSettings, silentPod } from '../../../support/pod-settings.ts';
import { namesOf, planWith } from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const CART = aDeployment('cart').annotated({ 'deployment.kubernetes.io/revision': '1' }).served();
const SET = aReplicaSet(CART.object);
const PODS = [aPod('cart-1', SET.object), aPod('cart-2', SET.object)];
const HELM = { 'f:spec': {} };

const released = (...objects: Fixture[]) => [aRevision(1, 'deployed', { manifest: namesOf(objects) })];
const serverOf = (objects: Fixture[]) => new ModelServer(objects.map(({ object }) => object));

/** The plan from a backup of `before` to a cluster that holds `now`; all owned, one Helm revision. */
function plan(
  before: Fixture[],
  now: Fixture[],
  more: Omit<Partial<PlanInput>, 'live'> & { live?: LiveOptions; pods?: PodSettings[] } = {},
) {
  const { live, pods = [podSettings('cart-1')], ...input } = more;
  const source = aSource(
    before.map((object) => saved(object)),
    { history: released(...before), pods },
  );
  return planWith(source, aLiveRelease(now, { history: released(...before), ...live }), serverOf(now), input);
}

const actions = ({ objects }: ReturnType<typeof plan>) =>
  objects.map(({ action, ref, reason }) => `${action} ${displayName(ref)}: ${reason}`);
const answer = (object: Fixture, given: DryRunAnswer) => new Map([[keyOf(refOf(object.object)), given]]);
const refused = (status: number, message: string): DryRunAnswer => ({
  kind: 'refused',
  status,
  reason: 'Invalid',
  message,
});

test('nothing to do: objects, Helm, rollouts and pods are all as they were', () => {
  const all = [CART, aService('cart').served()];
  const { nothingToDo, objects, cachesEmptied } = plan(all, [...all, SET, ...PODS], {
    livePods: [podSettings('cart-1')],
  });
  assert.deepEqual([nothingToDo, cachesEmptied], [true, 0]);
  assert.deepEqual(
    objects.map(({ action, reason }) => [action, reason]),
    [
      ['keep', 'it is as it was'],
      ['keep', 'it is as it was'],
    ],
  );
});

test('there is something to do while a rollout is under way', () => {
  const rolling = CART.with({ status: { updatedReplicas: 1 } });
  const { nothingToDo, proof } = plan([CART], [rolling], { livePods: [podSettings('cart-1')] });
  assert.deepEqual([nothingToDo, proof], [false, undefined]);
});

test('equal objects are no proof: each pod has to say that it runs with the settings of the backup', () => {
  const proofOf = (livePods: PodSettings[], cart = CART, pods?: PodSettings[]) => {
    const { nothingToDo, proof, objects } = plan([cart], [cart, SET, ...PODS], {
      livePods,
      ...(pods === undefined ? {} : { pods }),
    });
    assert.deepEqual(
      objects.map(({ action }) => action),
      ['keep'],
    );
    assert.equal(nothingToDo, proof === undefined);
    return proof === undefined ? 'proved' : [proof.verdict, ...unprovenOf(proof)].join('; ');
  };
  const other = podSettings('cart-1', { stats: { maxbytes: '16777216' } });
  const stale = podSettings('cart-1', { current: false, stats: { maxbytes: '16777216' } });
  const paused = CART.with({ spec: { paused: true } });

  assert.equal(proofOf([podSettings('cart-1')]), 'proved');
  assert.equal(proofOf([silentPod('cart-1')]), 'unproven; pod/cart-1: no answer within 5 s');
  assert.equal(proofOf([]), 'unproven; there is no pod to ask (0 replicas)');
  assert.equal(
    proofOf([podSettings('cart-1')], CART, [silentPod('cart-1')]).split('; ')[1],
    'no pod answered when the backup was taken',
  );
  for (const pod of [other, stale]) {
    assert.equal(
      proofOf([pod], paused),
      'unproven; pod/cart-1: it keeps its old settings, because it is paused',
    );
  }
});

test('a backup without a memcached workload proves nothing', () => {
  const service = aService('cart').served();
  const { nothingToDo, proof } = plan([service], [service], { pods: [] });
  assert.deepEqual([nothingToDo, proof?.notes], [false, ['the backup holds no memcached workload']]);
});

test('what differs is replaced, with the fields that would change', () => {
  const { objects, nothingToDo } = plan([CART], [CART.with({ spec: { replicas: 5 } })]);
  assert.equal(nothingToDo, false);
  assert.deepEqual(
    objects.map(({ action, changes, checked }) => [action, changes, checked]),
    [['replace', ['spec.replicas: 5 → 2'], true]],
  );
});

test('status and counters of controllers are no difference', () => {
  const live = CART.with({
    metadata: {
      generation: 9,
      resourceVersion: '999',
      annotations: { 'deployment.kubernetes.io/revision': '7' },
    },
    status: { observedGeneration: 9 },
  });
  assert.deepEqual(actions(plan([CART], [live])), ['keep deployment.apps/cart: it is as it was']);
});

test('equal fields that others own now are given back: Helm 4 would meet a conflict', () => {
  const before = CART.ownedBy('helm', HELM);
  const { objects } = plan([before], [before.ownedBy('kubectl-edit', HELM, { operation: 'Update' })]);
  assert.deepEqual(
    objects.map(({ action, changes }) => [action, changes]),
    [['replace', ['owners: kubectl-edit (Update)']]],
  );
});

test('what is gone is created, in an order in which each finds what it needs', () => {
  const before = [CART, aService('cart'), aConfigMap('cart'), aSecret('cart', { p: 'hunter22' })];
  assert.deepEqual(actions(plan(before, [])), [
    'create secret/cart: it does not exist',
    'create configmap/cart: it does not exist',
    'create service/cart: it does not exist',
    'create deployment.apps/cart: it does not exist',
  ]);
});

test('a Service says which addresses it asks for, and which it is known not to get', () => {
  const door = aService('door')
    .with({ spec: { type: 'NodePort', ports: [{ port: 11211, protocol: 'TCP', nodePort: 31211 }] } })
    .ownedBy('helm', { 'f:spec': {} });
  assert.deepEqual(actions(plan([door], [])), [
    'create service/door: it does not exist; asks for its old clusterIP 10.96.0.7, nodePort 31211',
  ]);
  const why = 'provided IP is not in the valid range';
  const lost = [{ field: 'clusterIP' as const, value: '10.96.0.7', why }];
  const answers = answer(door, { kind: 'accepted', object: door.object, lost });
  assert.deepEqual(actions(plan([door], [], { answers })), [
    `create service/door: it does not exist; asks for its old nodePort 31211; can't have its old clusterIP 10.96.0.7: ${why}`,
  ]);
});

test('where the namespace is gone it comes first, and nothing could be checked', () => {
  const source = aSource([saved(CART)], { history: released(CART) });
  const unasked: DryRunAnswer = { kind: 'unasked', why: 'its namespace does not exist yet' };
  const gone = planWith(source, aLiveRelease([], { namespace: null }), serverOf([]), {
    answers: answer(CART, unasked),
  });
  assert.deepEqual(gone.namespace, { name: 'shop', action: 'create' });
  assert.deepEqual(gone.helm, { action: 'create-history', revisions: [1] });
  assert.deepEqual(gone.unchecked, [
    { what: 'deployment.apps/cart', why: 'its namespace does not exist yet' },
  ]);
  assert.equal(gone.nothingToDo, false);
});

test('a namespace that is being deleted refuses the restore', () => {
  const { refusals } = plan([CART], [CART], { live: { namespace: aNamespace('Terminating') } });
  assert.match(refusals.join(), /namespace shop is being deleted/);
});

test('referenced objects are created where they are missing and else left as they are', () => {
  const login = aSecret('login', { p: 'hunter22' });
  const source = aSource([saved(CART), saved(login, 'referenced', 'deployment.apps/cart env')], {
    history: released(CART),
  });
  const at = (...now: Fixture[]) =>
    actions(planWith(source, aLiveRelease(now, { history: released(CART) }), serverOf(now)));
  assert.deepEqual(at(CART), [
    'create secret/login: deployment.apps/cart env names it and it does not exist',
    'keep deployment.apps/cart: it is as it was',
  ]);
  assert.deepEqual(
    at(CART, aSecret('login', { p: 'rotated1' }).served())[0],
    'keep secret/login: it exists; deployment.apps/cart env only refers to it',
  );
});

test('a claim that exists is never changed', () => {
  const grown = aClaim('data')
    .served()
    .with({ spec: { resources: { requests: { storage: '9Gi' } } } });
  assert.deepEqual(actions(plan([aClaim('data')], [grown])), [
    'keep persistentvolumeclaim/data: a claim that exists is never changed',
  ]);
});

test('of a Secret a plan says what changes, never to what', () => {
  const text = JSON.stringify(
    plan([aSecret('s', { p: 'hunter22' })], [aSecret('s', { p: 'hunter23', q: 'new-one' }).served()]),
  );
  assert.match(text, /data\.p: changed/);
  assert.match(text, /data\.q: removed/);
  for (const value of ['hunter22', 'hunter23', 'new-one'])
    for (const form of [value, Buffer.from(value).toString('base64')]) assert.ok(!text.includes(form), form);
});

test('under an HPA the replica count stays what it is', () => {
  const hpa = anAutoscaler('hpa', 'cart').served();
  const scaled = CART.with({ spec: { replicas: 5 } });
  assert.deepEqual(
    plan([CART, hpa], [scaled, hpa]).objects.map(({ action }) => action),
    ['keep', 'keep'],
  );
  // An HPA that the live release names and the backup lacks will be gone.
  const added = plan([CART], [scaled, hpa], { live: { history: released(CART, hpa) } });
  assert.deepEqual(
    added.objects.map(({ action, changes }) => [action, changes]),
    [
      ['replace', ['spec.replicas: 5 → 2']],
      ['delete', []],
    ],
  );
});

test('what can not be changed is made anew, but no Service: it may lose its address', () => {
  const other = CART.with({ spec: { selector: { matchLabels: { app: 'other' } } } });
  const recreated = plan([CART], [other, SET, ...PODS]);
  assert.match(
    actions(recreated)[0] ?? '',
    /^recreate deployment\.apps\/cart: a field that can't be changed differs: .*immutable/,
  );
  assert.equal(recreated.cachesEmptied, 2);
  assert.deepEqual(recreated.refusals, []);
  const service = aService('cart').served();
  const answers = answer(service, refused(422, 'spec.clusterIP: Invalid value: may not change once set'));
  assert.match(
    plan([service], [service], { answers }).refusals.join(),
    /service\/cart would have to be deleted and made again/,
  );
});

test('what the server refuses refuses the restore, in the server’s words', () => {
  const answers = answer(CART, refused(403, 'pods "cart" is forbidden: exceeded quota'));
  assert.deepEqual(plan([CART], [CART], { answers }).refusals, [
    'deployment.apps/cart: pods "cart" is forbidden: exceeded quota',
  ]);
});

test('a kind that went since it was asked for is told as one that is not served', () => {
  const answers = answer(CART, refused(404, 'the server could not find the requested resource'));
  assert.match(
    plan([CART], [], { answers }).refusals.join(),
    /does not serve apps\/v1 Deployment, .*: deployment\.apps\/cart; .*--skip-kind deployment\.apps$/,
  );
});

test('what is left out is in the plan, and that Helm goes on to name it', () => {
  const source = withoutKinds(aSource([saved(CART), saved(aService('cart'))], { history: released(CART) }), [
    'svc',
  ]);
  const made = planWith(source, aLiveRelease([], {}), serverOf([]));
  assert.deepEqual(
    made.skipped?.map(({ kind }) => kind),
    ['Service'],
  );
  assert.deepEqual(
    made.objects.map(({ ref }) => ref.kind),
    ['Deployment'],
  );
  assert.match(made.warnings.join(), /Helm's record names what is left out, too \(service\/cart\)/);
  const live = aLiveRelease([CART, aService('cart').served()], { history: released(CART, aService('cart')) });
  const kept = planWith(source, live, serverOf([CART]));
  assert.ok(!kept.objects.some(({ action }) => action === 'delete'), 'it was not added since');
});

test('immutable is what the API server words so', () => {
  for (const message of [
    'spec.selector: Invalid value: {}: field is immutable',
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
    'spec.clusterIPs[0]: Invalid value: []: may not change once set',
    'roleRef: Invalid value: {}: cannot change roleRef',
  ])
    assert.ok(isImmutable({ status: 422, message }), message);
  assert.ok(!isImmutable({ status: 422, message: 'spec.replicas: Invalid value: -1' }));
  assert.ok(!isImmutable({ status: 403, message: 'field is immutable' }));
});

test('what the release got after the backup is deleted, last things first', () => {
  const [policy, service] = [
    anObject('networking.k8s.io/v1', 'NetworkPolicy', 'new').served(),
    aService('new').served(),
  ];
  const now = [CART, policy, service];
  assert.deepEqual(actions(plan([CART], now, { live: { history: released(...now) } })).slice(1), [
    'delete service/new: the release got it after the backup',
    'delete networkpolicy.networking.k8s.io/new: the release got it after the backup',
  ]);
});

test('what Helm does not name, a claim, and what is to be kept are not deleted', () => {
  const kept = aConfigMap('kept').annotated({ 'helm.sh/resource-policy': ' Keep ' }).served();
  const now = [CART, aConfigMap('stranger').served(), aClaim('new').served(), kept];
  const history = released(CART, aClaim('new'), kept);
  assert.deepEqual(actions(plan([CART], now, { live: { history } })).slice(1), [
    'keep persistentvolumeclaim/new: added since the backup; a claim is never deleted',
    'keep configmap/kept: added since the backup; helm.sh/resource-policy says keep',
  ]);
});

test('what the backup’s manifest names is not deleted because the backup could not read it', () => {
  const role = anObject('rbac.authorization.k8s.io/v1', 'Role', 'cart').served();
  const source = aSource([saved(CART)], { history: released(CART, role) });
  const live = aLiveRelease([CART, role], { history: released(CART, role) });
  assert.deepEqual(actions(planWith(source, live, serverOf([CART, role]))), [
    'keep deployment.apps/cart: it is as it was',
    'keep role.rbac.authorization.k8s.io/cart: the release had it at the backup, which holds no copy of it',
  ]);
});

test('what the backup only recorded is not deleted', () => {
  const source = aSource([saved(CART), saved(aConfigMap('seen'), 'recorded')], { history: released(CART) });
  const now = [CART, aConfigMap('seen').served()];
  const live = aLiveRelease(now, { history: released(...now) });
  assert.deepEqual(
    planWith(source, live, serverOf(now)).objects.map(({ action }) => action),
    ['keep'],
  );
});

test('caches are emptied by a new template, a deletion and a smaller replica count, not by a label', () => {
  const at = (live: Fixture) => plan([CART], [live, SET, ...PODS]).cachesEmptied;
  assert.equal(at(withContainer(CART, { args: ['-m', '1'] })), 2);
  assert.equal(at(CART.with({ spec: { replicas: 5 } })), 0);
  assert.equal(at(CART.labelled({ unowned: 'yes' })), 0);
  const one = CART.with({ spec: { replicas: 1 } });
  assert.equal(plan([one], [CART, SET, ...PODS]).cachesEmptied, 1);
  assert.equal(plan([], [CART, SET, ...PODS], { live: { history: released(CART) } }).cachesEmptied, 2);
});

test('pods of the template that comes back stay: their Deployment goes back to their ReplicaSet', () => {
  const hash = { metadata: { labels: { 'pod-template-hash': 'abc' } } };
  const template = aDeployment('cart').with({ spec: { template: hash } }).object.spec as JsonObject;
  const old = SET.with({ metadata: { uid: 'uid-of-old' }, spec: { template: template.template! } });
  const pods = [aPod('cart-1', old.object), aPod('cart-2', old.object), aPod('cart-3', SET.object)];
  const now = withContainer(CART, { args: ['-c', '16'] });
  assert.equal(plan([CART], [now, SET, old, ...pods]).cachesEmptied, 1);
  const one = CART.with({ spec: { replicas: 1 } });
  assert.equal(plan([one], [now, SET, old, ...pods]).cachesEmptied, 2);
});

test('what a paced restore holds still has caches to lose: of the pods whose turn did not come', () => {
  const hash = { metadata: { labels: { 'pod-template-hash': 'abc' } } };
  const template = aDeployment('cart').with({ spec: { template: hash } }).object.spec as JsonObject;
  const fresh = SET.with({ metadata: { uid: 'uid-of-fresh' }, spec: { template: template.template! } });
  const pods = [aPod('cart-1', SET.object), aPod('cart-2', SET.object), aPod('cart-3', fresh.object)];
  const held = new Fixture(heldForm(CART.object, 'memcached-backup-x')!);
  assert.equal(plan([CART], [held, SET, fresh, ...pods]).cachesEmptied, 2);
  const pace = { hitRatio: 0.9, timeoutMs: 300_000 };
  const options = { wholeRelease: true, pace };
  const again = plan([CART], [held, SET, fresh, ...pods], { options });
  assert.deepEqual(again.paced?.workloads.map(displayName), ['deployment.apps/cart'], 'and is paced again');
});

test('--paced is of workloads whose pods are replaced, and says of which it can not be', () => {
  const pace = { hitRatio: 0.8, timeoutMs: 60_000, warmFromOld: true };
  const options = { wholeRelease: true, pace };
  const to = (before: Fixture, now: Fixture) => plan([before], [now, SET, ...PODS], { options });
  const changed = withContainer(CART, { args: ['-m', '1'] });
  assert.deepEqual(to(CART, changed).paced, {
    workloads: [refOf(CART.object)],
    hitRatio: 0.8,
    timeoutSeconds: 60,
    warmFromOld: true,
  });
  assert.deepEqual(to(CART, CART.labelled({ other: 'label' })).paced?.workloads, [], 'no pod is replaced');
  const paused = CART.with({ spec: { paused: true } });
  assert.deepEqual(to(paused, changed).paced?.workloads, [], 'its owner holds it himself');
  assert.equal(plan([CART], [changed, SET, ...PODS]).paced, undefined);

  const another = changed.with({ spec: { selector: { matchLabels: { app: 'other' } } } });
  const refusal = refused(422, 'spec.selector: Invalid value: {}: field is immutable');
  const recreated = plan([CART], [another, SET, ...PODS], { options, answers: answer(CART, refusal) });
  assert.match(recreated.warnings.join(), /go all at once, --paced or not: it is deleted and made again/);
});

test('--warm-from-old is refused where a StatefulSet is to have another number of pods', () => {
  const ring = new Fixture({ ...CART.object, kind: 'StatefulSet' });
  const now = withContainer(ring, { args: ['-m', '1'] }).with({ spec: { replicas: 3 } });
  const pace = { hitRatio: 0.9, timeoutMs: 60_000 };
  const refusals = (warmFromOld: boolean) =>
    plan([ring], [now], { options: { wholeRelease: true, pace: { ...pace, warmFromOld } } }).refusals;
  assert.match(refusals(true).join(), /statefulset.apps\/cart has 3 pods and is to have 2: clients/);
  assert.deepEqual(refusals(false), []);
});

test('pods whose memcached is down have no cache to lose', () => {
  const down = aPod('cart-2', SET.object).with({
    status: {
      containerStatuses: [{ name: 'memcached', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  });
  const now = withContainer(CART, { args: ['-m', '1'] });
  assert.equal(plan([CART], [now, SET, PODS[0]!, down]).cachesEmptied, 1);
});

test('where the server is not to be asked, clean forms are compared', () => {
  const byClient: DryRunAnswer = { kind: 'unasked', why: 'not to be asked', byClient: true };
  const from = (now: Fixture) =>
    plan([CART], [now, SET, ...PODS], {
      answers: answer(CART, byClient),
      livePods: [podSettings('cart-1')],
    });
  const same = from(CART);
  assert.deepEqual(
    [actions(same), same.cachesEmptied, same.nothingToDo],
    [['keep deployment.apps/cart: it seems to be as it was; the server was not asked'], 0, true],
  );
  const changed = from(withContainer(CART, { args: ['-m', '1'] }));
  assert.match(actions(changed).join(), /^replace deployment.apps\/cart: it may differ from the backup/);
  assert.match(changed.objects[0]?.changes.join() ?? '', /^spec\.template/);
  assert.equal(changed.cachesEmptied, 2);
  const labelled = from(CART.labelled({ unowned: 'yes' }));
  assert.deepEqual([labelled.objects[0]?.action, labelled.cachesEmptied], ['replace', 0]);
});

test('no cache is emptied where Pod Security refuses the new pods and the old ones stay for it', () => {
  const now = withContainer(CART, { args: ['-m', '8'] });
  const refusesPods = 'would violate PodSecurity "restricted:latest": runAsNonRoot != true';
  const planned = (spec: JsonObject) => {
    const object = CART.with({ spec }).object;
    return plan([CART], [now, SET, ...PODS], {
      answers: answer(CART, { kind: 'accepted', object, refusesPods }),
    });
  };
  const rolling = planned({});
  assert.equal(rolling.cachesEmptied, 0);
  assert.match(
    rolling.warnings.join(),
    /refuses the new pods of deployment.apps\/cart: its old pods stay, for they violate PodSecurity "restricted/,
  );
  assert.equal(planned({ strategy: { type: 'Recreate' } }).cachesEmptied, 2);
});

test('pods whose settings somebody changed in the running server are restarted', () => {
  const changed = podSettings('cart-2', { stats: { maxconns: '16' } });
  const source = aSource([saved(CART)], { history: released(CART), pods: [podSettings('cart-1')] });
  const now = [CART, SET, ...PODS];
  const live = aLiveRelease(now, { history: released(CART) });
  const { objects, cachesEmptied } = planWith(source, live, serverOf(now), {
    livePods: [podSettings('cart-1'), changed],
  });
  assert.deepEqual(
    objects.map(({ action, changes }) => [action, changes]),
    [
      ['keep', []],
      ['restart', ['cart-2 runs with maxconns=16, not 1024']],
    ],
  );
  assert.equal(cachesEmptied, 2);
});

test('pods that may not be restarted for their settings are told of, and are something to do', () => {
  const changed = podSettings('cart-2', { stats: { maxbytes: '1048576' } });
  const source = aSource([saved(CART)], { history: released(CART), pods: [podSettings('cart-1')] });
  const now = [CART, SET, ...PODS];
  const live = aLiveRelease(now, { history: released(CART) });
  const { objects, cachesEmptied, warnings, nothingToDo } = planWith(source, live, serverOf(now), {
    livePods: [podSettings('cart-1'), changed],
    options: { wholeRelease: true, mayRestart: () => false },
  });
  assert.deepEqual(
    objects.map(({ action }) => action),
    ['keep'],
  );
  assert.deepEqual([cachesEmptied, nothingToDo], [0, false]);
  assert.deepEqual(warnings, [
    'the pods of deployment.apps/cart run with other settings than before, which nothing that is put back would change, and are not restarted: cart-2 runs with maxbytes=1048576 (1 MiB), not 67108864 (64 MiB)',
  ]);
});

test('no restart where a new template brings new pods anyway, whether the server said so or the backup’s copy', () => {
  const live = withContainer(CART, { args: ['-c', '16'] });
  const pods = { livePods: [podSettings('cart-1', { stats: { maxconns: '16' } })] };
  const source = aSource([saved(CART)], { history: released(CART), pods: [podSettings('cart-1')] });
  const at = (answers?: Map<string, DryRunAnswer>) =>
    planWith(source, aLiveRelease([live, SET, ...PODS], { history: released(CART) }), serverOf([live]), {
      ...pods,
      ...(answers === undefined ? {} : { answers }),
    }).objects.map(({ action }) => action);
  assert.deepEqual(at(), ['replace']);
  assert.deepEqual(at(answer(CART, { kind: 'unasked', why: 'a webhook' })), ['replace']);
});

test('pods are restarted by the strategy that their workload gets, not by the one that it has', () => {
  const onDelete = { spec: { updateStrategy: { type: 'OnDelete' } } };
  const rolling = { spec: { updateStrategy: { type: 'RollingUpdate' } } };
  const set = anObject('apps/v1', 'StatefulSet', 'cart')
    .served()
    .with({
      spec: CART.object.spec as JsonObject,
      status: { observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2 },
    });
  const actionsFor = (before: Fixture, now: Fixture, restart: boolean) =>
    plan([before], [now], { options: { wholeRelease: true, restart } }).objects.map(({ action }) => action);
  const other = withContainer(set, { args: ['-m', '16'] });
  assert.deepEqual(actionsFor(set.with(onDelete), other.with(rolling), true), ['replace', 'restart']);
  assert.deepEqual(actionsFor(set.with(onDelete), other.with(rolling), false), ['replace']);
  assert.deepEqual(
    actionsFor(set.with(rolling), other.with(onDelete), true),
    ['replace'],
    'it rolls by itself',
  );
});

test('a release with other workloads is restored only as a whole, and when asked for', () => {
  const web = aDeployment('web')
    .with({ spec: { template: { spec: { containers: [{ name: 'w', image: 'nginx' }] } } } })
    .served();
  const at = (wholeRelease: boolean) =>
    plan([CART, web], [CART, web], { options: { wholeRelease } }).refusals;
  assert.match(at(false).join(), /other workloads than memcached: deployment\.apps\/web; --whole-release/);
  assert.deepEqual(at(true), []);
  const added = plan([CART], [CART, web], {
    options: { wholeRelease: false },
    live: { history: released(CART, web) },
  });
  assert.equal(added.refusals.length, 1);
});

test("what Helm's release has beyond a backup that might not read Helm's record is kept", () => {
  const secret = aSecret('cart', { p: 'hunter22' });
  const marked = [saved(CART, 'owned', 'annotation meta.helm.sh/release-name')];
  const now = [CART, secret];
  const live = aLiveRelease(now, { history: released(...now) });
  assert.deepEqual(actions(planWith(aSource(marked), live, serverOf(now))), [
    'keep deployment.apps/cart: it is as it was',
    "keep secret/cart: the backup holds no record of Helm's, which would tell whether it was there",
  ]);
});

test('a backup without objects and without a record of Helm is refused: all that is there would count as added', () => {
  const config = aConfigMap('cart');
  const recorded = [saved(anObject('v1', 'Namespace', 'shop'), 'recorded', 'namespace')];
  const live = aLiveRelease([CART, config], { history: released(CART, config) });
  const refusalsOf = (source: ReturnType<typeof aSource>) =>
    planWith(source, live, serverOf([CART, config])).refusals;
  const empty = aSource(recorded);
  assert.match(refusalsOf(empty).join(), /holds no object of the release and no record of Helm's/);
  assert.deepEqual(refusalsOf(aSource([...recorded, saved(CART)])), []);
  assert.deepEqual(refusalsOf(aSource(recorded, { history: released(CART) })), []);
  const safety = { ...empty, document: { ...empty.document, kind: 'safety' as const } };
  assert.deepEqual(refusalsOf(safety), [], 'undo leads back to nothing');
});

test('drift at the backup is said before the question', () => {
  const source = aSource([saved(CART)], { drift: ['deployment.apps/cart: spec.replicas'] });
  assert.deepEqual(planWith(source, aLiveRelease([CART]), serverOf([CART])).warnings, [
    'when the backup was taken, the release had drifted: deployment.apps/cart: spec.replicas',
  ]);
});

test('what is compared leaves out what every write or controller moves', () => {
  const { object } = CART.annotated({ mine: 'yes' }).ownedBy('helm', HELM);
  assert.deepEqual(comparable(object).metadata, {
    name: 'cart',
    namespace: 'shop',
    uid: 'uid-of-Deployment-cart',
    creationTimestamp: '2026-11-22T10:00:00Z',
    annotations: { mine: 'yes' },
  });
  assert.equal('status' in comparable(object), false);
  assert.equal('annotations' in (comparable(CART.object).metadata as object), false);
});

test('what an object grants and the live one does not is in the plan, where it is written', () => {
  const role = (...verbs: string[]) =>
    anObject('rbac.authorization.k8s.io/v1', 'Role', 'cart')
      .with({ rules: [{ apiGroups: [''], resources: ['secrets'], verbs }] })
      .served();
  const binding = anObject('rbac.authorization.k8s.io/v1', 'RoleBinding', 'cart').with({
    roleRef: { kind: 'Role', name: 'cart' },
    subjects: [{ kind: 'ServiceAccount', name: 'cart', namespace: 'shop' }],
  });
  const grantsOf = (before: Fixture[], now: Fixture[]) =>
    plan(before, now).objects.flatMap(({ ref, grants }) =>
      grants === undefined ? [] : [ref.kind, ...grants],
    );
  const wide = role('get', 'list');
  assert.deepEqual(grantsOf([wide], [role('get'), binding]), [
    'Role',
    'list on secrets to serviceaccount/cart',
  ]);
  assert.deepEqual(grantsOf([wide], [wide]), [], 'it stays as it is');
  assert.deepEqual(grantsOf([role('get')], [wide]), [], 'it grants less');
  assert.deepEqual(grantsOf([wide, binding], []), [
    'Role',
    'get, list on secrets to serviceaccount/cart',
    'RoleBinding',
    'role/cart to serviceaccount/cart',
  ]);
  const privileged = withContainer(CART, { securityContext: { privileged: true } });
  assert.deepEqual(grantsOf([privileged], [CART]), ['Deployment', 'privileged (container memcached)']);
});

test('a namespace that is made with the level privileged grants it', () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  const source = aSource([saved(CART)], { history: released(CART) });
  const { document } = source;
  const labelled = { ...source, document: { ...document, namespace: { ...document.namespace, labels } } };
  const namespaceIn = (live: LiveOptions) =>
    planWith(labelled, aLiveRelease([], live), serverOf([])).namespace;
  assert.equal(namespaceIn({ namespace: null }).grants?.length, 1);
  assert.equal(namespaceIn({}).grants, undefined, 'the one that is there keeps its labels');
});

test('what no restore writes is refused, whatever the plan is made of', () => {
  const pod = anObject('v1', 'Pod', 'cart');
  const elsewhere = aConfigMap('cart').with({ metadata: { namespace: 'other' } });
  assert.deepEqual(plan([pod, elsewhere], []).refusals, [
    'pod/cart is never written: a restore makes no Pods',
    'configmap/cart is never written: in namespace other',
  ]);
  const { refusals } = plan([pod], [], { options: { wholeRelease: true, mayWrite: () => false } });
  assert.deepEqual(refusals, [], 'an undo keeps what its restore did not write');
});

test('a Job of the manifest is left as it is, and the plan says so', () => {
  const job = saved(anObject('batch/v1', 'Job', 'warm'), 'recorded', 'manifest; a restore runs no Jobs');
  const hook = saved(anObject('batch/v1', 'Job', 'hook'), 'recorded', 'hook; a restore runs no hooks');
  const source = aSource([saved(CART), job, hook], { history: released(CART) });
  const { warnings } = planWith(source, aLiveRelease([CART], { history: released(CART) }), serverOf([CART]));
  assert.deepEqual(
    warnings.filter((line) => /Job|hook/.test(line)),
    ['job.batch/warm is left as it is: a restore runs no Jobs'],
  );
});

test('an object that another Helm release took is written over only with --force, and never deleted', () => {
  const ofRelease = (release: string) => ({
    'meta.helm.sh/release-name': release,
    'meta.helm.sh/release-namespace': 'shop',
  });
  const own = aConfigMap('cart').annotated(ofRelease('cart'));
  const taken = aConfigMap('cart').annotated(ofRelease('other'));
  const { refusals } = plan([own], [taken]);
  assert.deepEqual(refusals, [
    'configmap/cart belongs to Helm release shop/other now, and would be written over; --force goes ahead all the same',
  ]);
  const forced = plan([own], [taken], { options: { wholeRelease: true, force: true } });
  assert.deepEqual([forced.refusals, forced.warnings.length > 0], [[], true]);
  assert.deepEqual(plan([taken], [taken]).refusals, [], 'it was so at the backup');
  assert.deepEqual(plan([own], [own]).refusals, []);
  assert.deepEqual(plan([own], [aConfigMap('cart')]).refusals, []);

  const added = aConfigMap('added').annotated(ofRelease('other'));
  const later = plan([own], [own, added], { live: { history: released(own, added) } });
  assert.deepEqual(actions(later)[1], 'keep configmap/added: it belongs to Helm release shop/other by now');
});

test('what Helm would write by the record that comes back, and a restore never does, is told', () => {
  const toAdmin = anObject('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'evil').without(
    'metadata',
    'namespace',
  );
  const elsewhere = aConfigMap('theirs').with({ metadata: { namespace: 'other' } });
  const source = aSource([saved(CART)], {
    history: [aRevision(1, 'deployed', { manifest: [CART, toAdmin, elsewhere].map(({ object }) => object) })],
  });
  const notesFor = (live: LiveOptions) =>
    planWith(source, aLiveRelease([CART], live), serverOf([CART])).warnings.filter((line) =>
      /record names/.test(line),
    );
  const names = 'clusterrolebinding.rbac.authorization.k8s.io/evil, configmap/theirs';
  const note = `Helm's record names ${names}, which no restore writes: the next helm upgrade or rollback does`;
  assert.deepEqual(notesFor({}), [note], 'Helm knows nothing');
  assert.deepEqual(notesFor({ history: [aRevision(7, 'deployed', { manifest: namesOf([CART]) })] }), [note]);
  assert.deepEqual(notesFor({ history: source.history }), [], 'the record stays');
});
