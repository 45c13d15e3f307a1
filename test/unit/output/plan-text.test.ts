import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, PlannedObject } from '../../../src/model/plan/plan.ts';
import { planLines } from '../../../src/output/plan-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';
import { headRoomWarnings } from '../../../src/restore/plan/head-room.ts';
import { assertGolden } from '../golden.ts';

const object = (
  action: PlannedObject['action'],
  kind: string,
  changes: string[] = [],
  reason = 'it differs from the backup',
): PlannedObject => ({
  action,
  ref: { apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1', kind, namespace: 'shop', name: 'cart' },
  role: 'owned',
  reason,
  changes,
  checked: true,
});

function aPlan(changes: Partial<Plan> = {}): Plan {
  return {
    backup: {
      id: '20261122T101500Z',
      cluster: '3f6c2a10',
      namespace: 'shop',
      release: 'cart',
      takenAt: '2026-11-22T10:15:00.123Z',
    },
    namespace: { name: 'shop', action: 'keep' },
    helm: { action: 'keep', revision: 3 },
    objects: [],
    cachesEmptied: 0,
    unchecked: [],
    warnings: [],
    refusals: [],
    nothingToDo: false,
    ...changes,
  };
}

const text = (plan: Plan) => `${planLines(plan, PLAIN_STYLE).join('\n')}\n`;
const keep = (kind: string) => object('keep', kind, [], 'it is as it was');

test('nothing to do (UPDATE_GOLDEN=1 writes the files)', () => {
  assertGolden('plan/nothing-to-do.txt', text(aPlan({ objects: [keep('Deployment')], nothingToDo: true })));
});

test('nothing to write, and pods that do not prove that they are as at the backup', () => {
  const why = 'it keeps its old settings, because it is paused (kubectl rollout resume)';
  const pod = { pod: 'cart-1', workload: 'deployment.apps/cart', differences: [], changedLive: [], why };
  const pods = [{ ...pod, settings: 'unknown' as const, canary: 'unknown' as const }];
  const proof = { verdict: 'unproven' as const, pods, notes: ['deployment.apps/b has no pod to ask'] };
  assertGolden('plan/not-proved.txt', text(aPlan({ objects: [keep('Deployment')], proof })));
});

test('a bad upgrade: a new Helm revision, changed fields, emptied caches', () => {
  const plan = aPlan({
    helm: { action: 'new-revision', revision: 6, from: 3, superseded: [4], failed: [5] },
    objects: [
      keep('Service'),
      object('replace', 'Deployment', [
        'spec.template.spec.containers[memcached].args[1]: "16" → "64"',
        'spec.replicas: 5 → 2',
      ]),
      keep('ConfigMap'),
    ],
    cachesEmptied: 2,
    emptyingCost: { items: 12345, bytes: 4_400_000, hitRatio: 0.9412, hitsPerSecond: 483.4, seconds: 1.1 },
    warnings: ['Helm revision 5 has been pending-upgrade for 60 minutes: it will be marked failed'],
  });
  assertGolden('plan/bad-upgrade.txt', text(plan));
});

test('what will not fit and whose tag moved is said before the question', () => {
  const memory = (amount: string) => ({
    containers: [{ name: 'memcached', resources: { requests: { memory: amount } } }],
  });
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team', namespace: 'shop' },
    status: { hard: { 'requests.memory': '160Mi' }, used: { 'requests.memory': '128Mi' } },
  };
  const turnover = {
    workload: 'deployment.apps/cart',
    leaving: [memory('64Mi'), memory('64Mi')],
    arriving: { podSpec: memory('128Mi'), count: 2 },
    before: 1,
  };
  const plan = aPlan({
    objects: [
      object('replace', 'Deployment', ['spec.template.spec.containers[memcached].args[1]: "16" → "64"']),
    ],
    cachesEmptied: 2,
    unchecked: [{ what: 'limitranges', why: 'they may not be listed' }],
    warnings: headRoomWarnings([turnover], { quotas: [quota], ranges: [] }),
  });
  assertGolden('plan/no-room.txt', text(plan));
});

test('what is granted stands below the object in words, and what lies elsewhere says where', () => {
  const binding = object('create', 'RoleBinding', [], 'it does not exist');
  const grants = ['clusterrole/cluster-admin to serviceaccount/cart', 'role/a to user a\nb'];
  const elsewhere = object('create', 'ConfigMap', [], 'it does not exist');
  const plan = aPlan({
    namespace: { name: 'shop', action: 'create', grants: ['its pods every privilege'] },
    objects: [
      { ...binding, grants },
      { ...elsewhere, ref: { ...elsewhere.ref, namespace: 'kube-system' } },
      { ...elsewhere, ref: { apiVersion: 'v1', kind: 'Node', name: 'cart' } },
    ],
  });
  assertGolden('plan/grants.txt', text(plan));
});

test('a namespace that is gone: everything is created, nothing could be checked', () => {
  const gone = 'its namespace does not exist yet';
  const plan = aPlan({
    namespace: { name: 'shop', action: 'create' },
    helm: { action: 'create-history', revisions: [1, 2, 3] },
    objects: [
      object('create', 'PersistentVolumeClaim', [], 'it does not exist; it comes back empty'),
      object('create', 'Deployment', [], 'it does not exist'),
    ],
    skipped: [{ apiVersion: 'example.org/v1', kind: 'Monitor', namespace: 'shop', name: 'cart' }],
    unchecked: [
      { what: 'persistentvolumeclaim/cart', why: gone },
      { what: 'deployment.apps/cart', why: gone },
    ],
  });
  assertGolden('plan/namespace-gone.txt', text(plan));
});

test('into another namespace: every place that still names the old one, secrets without their values', () => {
  const deployment = object('create', 'Deployment', [], 'it does not exist');
  const plan = aPlan({
    namespace: { name: 'drill', action: 'create' },
    helm: { action: 'create-history', revisions: [1] },
    objects: [{ ...deployment, ref: { ...deployment.ref, namespace: 'drill' } }],
    mentions: [
      {
        what: 'deployment.apps/cart',
        where: 'spec.template.spec.containers[x].args[1]',
        text: 'cart.shop.svc',
      },
      { what: 'deployment.apps/cart', where: 'metadata.annotations.note', text: 'shop' },
      { what: 'secret/cart', where: 'data.url' },
      { what: 'Helm revisions 1, 2', where: 'notes' },
    ],
    warnings: ['service/cart asks for nodePort 31211, which the original may hold: it gets another one'],
  });
  assertGolden('plan/into-namespace.txt', text(plan));
});

test('what is deleted, made anew and restarted stands out', () => {
  const plan = aPlan({
    objects: [
      object('recreate', 'Deployment', [], "a field that can't be changed differs: field is immutable"),
      object('delete', 'ConfigMap', [], 'the release got it after the backup'),
      object(
        'restart',
        'Deployment',
        ['cart-1 runs with maxconns=16, not 1024'],
        'its pods do not run with its settings',
      ),
      keep('Secret'),
    ],
    cachesEmptied: 1,
  });
  assertGolden('plan/drastic.txt', text(plan));
});

test('of many changes the first twelve are shown, and how many more there are', () => {
  const changes = Array.from({ length: 15 }, (_, index) => `data.key${index}: 1 → 2`);
  const lines = planLines(aPlan({ objects: [object('replace', 'ConfigMap', changes)] }), PLAIN_STYLE);
  assert.equal(lines.filter((line) => line.includes('→')).length, 12);
  assert.ok(lines.includes('             and 3 more'));
});

test('control characters of the cluster or of a forged backup never reach the terminal', () => {
  const evil = 'a\u001b[2Jb\nc';
  const plan = aPlan({
    backup: { ...aPlan().backup, takenAt: evil },
    objects: [
      {
        ...object('replace', 'ConfigMap', [`data.${evil}: changed`], evil),
        ref: { apiVersion: 'v1', kind: 'ConfigMap', name: evil },
      },
    ],
    unchecked: [{ what: evil, why: evil }],
    warnings: [evil],
  });
  for (const line of planLines(plan, PLAIN_STYLE)) assert.doesNotMatch(line, /[\u001b\n]/);
});

test('the plan says of a backup of an unhealthy moment why, and names the newest healthy one', () => {
  const { backup } = aPlan();
  const unhealthy = ['1 of 2 pods was ready'];
  const healthy = text(aPlan({ backup: { ...backup, unhealthy, healthy: '20261121T101500Z' } }));
  assert.match(
    healthy,
    /Note: the release was not healthy when this backup was taken: 1 of 2 pods was ready; the newest backup of a moment when it was is cart@20261121T101500Z \(cart@healthy\)/,
  );
  // Whoever wants to leave a crash loop, and restores the backup of it, is told so too.
  assert.match(
    text(aPlan({ backup: { ...backup, unhealthy }, nothingToDo: true })),
    /no backup of it is of a moment/,
  );
});

test('the plan names the context, the server and the note of the backup', () => {
  const { backup } = aPlan();
  const target = { context: 'prod', server: 'https://10.0.0.1:6443' };
  const shown = text(aPlan({ backup: { ...backup, note: 'before 1.7' }, target }));
  assert.match(
    shown,
    /^Plan: restore cart .*, "before 1\.7"\)\n {2}In context prod \(https:\/\/10\.0\.0\.1:6443\)\n/,
  );
  assert.match(text(aPlan({ target: { ...target, context: '' } })), /In the cluster at https:/);
});

test('a plan of which the server was not asked says may', () => {
  assert.match(text(aPlan({ notAsked: true, cachesEmptied: 2 })), /May empty 2 caches/);
  assert.match(text(aPlan({ notAsked: true, nothingToDo: true })), /Nothing to do, it may be: .*not asked/);
});

test('pods of workloads that go are deleted, not replaced', () => {
  const going = [object('delete', 'Deployment'), object('delete', 'Service')];
  assert.match(
    text(aPlan({ objects: going, cachesEmptied: 2 })),
    /Empties 2 caches: these pods are deleted\./,
  );
  const replaced = [object('replace', 'Deployment'), object('delete', 'Service')];
  assert.match(
    text(aPlan({ objects: replaced, cachesEmptied: 1 })),
    /Empties 1 cache: its pod is replaced\./,
  );
});

test('the plan of an undo says where it leads back to, and names no backup where there was nothing', () => {
  const headline = (undo: string | undefined) => planLines(aPlan(), PLAIN_STYLE, { undo })[0];
  assert.equal(
    headline(undefined),
    'Plan: undo the restore of cart in shop, back to where there was nothing of it',
  );
  assert.equal(
    headline('20261122T101500Z'),
    'Plan: undo the restore of cart in shop, back to how it was: safety backup 20261122T101500Z (taken 2026-11-22T10:15:00.123Z)',
  );
});

test('how gently pods are replaced stands below what that empties', () => {
  const { ref } = object('replace', 'Deployment');
  const paced = { workloads: [ref], hitRatio: 0.85, timeoutSeconds: 90 };
  const lines = (more: Partial<NonNullable<Plan['paced']>>, cachesEmptied = 2): string[] =>
    text(
      aPlan({ objects: [object('replace', 'Deployment')], cachesEmptied, paced: { ...paced, ...more } }),
    ).split('\n');
  assert.deepEqual(lines({ warmFromOld: true }).slice(-5, -1), [
    '  Empties 2 caches: these pods are replaced.',
    '  Paced: pods of deployment.apps/cart are replaced one by one, the next when the new one before it is ready and back at 85 % of the old hit ratio (90 s at most).',
    '  Each gets the items of the one that it replaces; what is changed or deleted while that goes comes back as it was.',
    '  Meanwhile their own rollout is held (paused, or OnDelete); the end of it puts that back.',
  ]);
  assert.equal(lines({ workloads: [] }).at(-2), '  Nothing of it can be paced.');
  assert.equal(lines({ workloads: [] }, 0).at(-2), '  No cache is emptied.');
});
