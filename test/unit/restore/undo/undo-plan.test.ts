import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HelmRevision } from '../../../../src/model/helm/helm-release.ts';
import { type KubeObject, type ObjectRef, refOf, uidOf } from '../../../../src/model/kubernetes/object.ts';
import type { PlannedObject } from '../../../../src/model/plan/plan.ts';
import type {
  DoneEntry,
  Journal,
  JournalEntry,
  JournalStart,
} from '../../../../src/model/records/journal.ts';
import {
  atWorkSince,
  claimsThatStay,
  createdSince,
  namespaceMadeBy,
  planUndo,
  readsWhatWasWritten,
  unknownStill,
} from '../../../../src/restore/undo/undo-plan.ts';
import { emptySource, withPreImages } from '../../../../src/restore/undo/undo-source.ts';
import { writtenDigest } from '../../../../src/restore/write/comparable-form.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { PLAN, startLine } from '../../store/journal/sample-journal.ts';
import { liveRelease } from '../live-release.ts';

const AT = '2026-11-22T10:15:01.000Z';

function object(kind: string, uid: string, spec: KubeObject = {}): KubeObject {
  const metadata = { name: 'cart', namespace: 'shop', uid, creationTimestamp: '2026-11-22T10:15:01Z' };
  return { apiVersion: 'v1', kind, metadata, spec };
}

function record(revision: number, uid: string): HelmRevision {
  const metadata = {
    name: `sh.helm.release.v1.cart.v${revision}`,
    namespace: 'shop',
    uid,
    creationTimestamp: AT,
  };
  const stored: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata };
  return {
    driver: 'secret',
    record: stored,
    name: 'cart',
    revision,
    status: 'deployed',
    document: {},
  };
}

function journalOf(start: Partial<JournalStart>, ...entries: JournalEntry[]): Journal {
  const first = startLine(start);
  return { start: first, entries: [first, ...entries], location: '/store/journal' };
}

const BY = 'memcached-backup-20261122T101500Z';

/** What is about to be written, under a name that only this restore writes as. */
const intent = (written: KubeObject, action = 'create'): JournalEntry => ({
  type: 'will',
  at: AT,
  action,
  ref: refOf(written),
  by: BY,
  ...(written.kind === 'Secret' ? {} : { meant: written }),
});

/** As it is there between the write and its line: ownership is not given back yet. */
const unheard = (written: KubeObject): KubeObject => ({
  ...written,
  metadata: {
    ...(written.metadata as KubeObject),
    managedFields: [{ manager: BY, operation: 'Update', fieldsV1: { 'f:data': { 'f:release': {} } } }],
  },
});
const unheardRecord = (revision: HelmRevision): HelmRevision => ({
  ...revision,
  record: unheard(revision.record),
});

const done = (written: KubeObject, action = 'create'): JournalEntry => ({
  type: 'did',
  at: AT,
  action,
  ref: refOf(written),
  uid: uidOf(written)!,
  wrote: writtenDigest(written),
});

const refused = (unwritten: KubeObject, action = 'create'): JournalEntry => ({
  type: 'refused',
  at: AT,
  action,
  ref: refOf(unwritten),
});

const deletion = (of: KubeObject): PlannedObject => ({
  action: 'delete',
  ref: refOf(of),
  role: 'owned',
  reason: 'the release got it after the backup',
  changes: [],
  checked: false,
});

describe('the plan of an undo', () => {
  test('deletes what the restore created, told by uid', () => {
    const service = object('Service', 'u1');
    const plan = planUndo(PLAN, journalOf({}, intent(service), done(service)), liveRelease([service]));
    assert.deepEqual(
      plan.objects.map(({ action, ref }) => [action, ref.kind]),
      [['delete', 'Service']],
    );
    assert.deepEqual(plan.refusals, []);
  });

  test('keeps what somebody else created, although the release had it not before', () => {
    const service = object('Service', 'u1');
    const plan = planUndo({ ...PLAN, objects: [deletion(service)] }, journalOf({}), liveRelease([service]));
    assert.deepEqual(
      plan.objects.map(({ action, reason }) => [action, reason]),
      [['keep', 'the restore did not create it']],
    );
  });

  test('deletes what was created just before a crash, between the write and its line', () => {
    const service = object('Service', 'u1');
    const plan = planUndo(PLAN, journalOf({}, intent(service)), liveRelease([unheard(service)]));
    assert.deepEqual(
      plan.objects.map(({ action }) => action),
      ['delete'],
    );
  });

  test('leaves what somebody else created at that moment, be it the very same, and names it', () => {
    const service = object('Service', 'u1');
    const journal = journalOf({}, intent(service));
    const live = liveRelease([service]);
    assert.deepEqual(planUndo(PLAN, journal, live).objects, []);
    assert.deepEqual(planUndo(PLAN, journal, live).refusals, []);
    assert.deepEqual(unknownStill(journal, live), [
      { what: 'service/cart', why: 'it is not what the restore was to create' },
    ]);
  });

  test('stops where somebody changed what was written just before a crash', () => {
    const before = object('Service', 'u1', { port: 1 });
    const after = object('Service', 'u1', { port: 2 });
    const preImages = [{ ref: refOf(before), object: before }];
    const journal = journalOf({ preImages }, intent(after, 'replace'));
    for (const there of [before, unheard(after)]) {
      assert.deepEqual(planUndo(PLAN, journal, liveRelease([there])).refusals, []);
    }
    // The very same, but nobody knows that the restore wrote it.
    for (const port of [2, 3]) {
      const theirs = object('Service', 'u1', { port });
      assert.deepEqual(planUndo(PLAN, journal, liveRelease([theirs])).refusals, [
        'service/cart was changed since the restore',
      ]);
    }
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([])).refusals, [
      'service/cart was deleted since the restore',
    ]);
    const created = object('Service', 'u1', { port: 2 });
    const changed = unheard(object('Service', 'u1', { port: 3 }));
    assert.deepEqual(planUndo(PLAN, journalOf({}, intent(created)), liveRelease([changed])).refusals, [
      'service/cart was changed since the restore',
    ]);
  });

  test('stops where somebody made again what the restore had deleted', () => {
    const before = object('Service', 'u1', { port: 1 });
    const preImages = [{ ref: refOf(before), object: before }];
    const { wrote: _, uid: _uid, ...deleted } = done(before, 'delete') as DoneEntry;
    const journal = journalOf({ preImages }, intent(before, 'delete'), deleted);
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([])).refusals, []);
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([object('Service', 'u9', { port: 1 })])).refusals, [
      'service/cart was deleted and made again since the restore',
    ]);
  });

  test('does so whatever the clocks of this machine and of the cluster say', () => {
    const service = object('Service', 'u1');
    const later: JournalEntry = {
      ...(intent(service) as { type: 'will' } & JournalEntry),
      at: '2026-11-22T10:25:00Z',
    };
    const plan = planUndo(PLAN, journalOf({}, later), liveRelease([unheard(service)]));
    assert.deepEqual(
      plan.objects.map(({ action }) => action),
      ['delete'],
    );
  });

  test('keeps what somebody else created before the restore could: its write was refused', () => {
    const service = object('Service', 'u1');
    const journal = journalOf({}, intent(service), refused(service));
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([service])).objects, []);
    const planned = { ...PLAN, objects: [deletion(service)] };
    assert.deepEqual(
      planUndo(planned, journal, liveRelease([service])).objects.map(({ action }) => action),
      ['keep'],
    );
  });

  test('deletes what an earlier attempt may have created, although a later one was refused', () => {
    const service = object('Service', 'u1');
    const journal = journalOf({}, intent(service), intent(service), refused(service));
    assert.deepEqual(
      planUndo(PLAN, journal, liveRelease([unheard(service)])).objects.map(({ action }) => action),
      ['delete'],
    );
  });

  test('deletes what was created just before a crash, and written over by whoever took the restore up', () => {
    const before = object('ConfigMap', 'u2');
    const after = object('Service', 'u1');
    const preImages = [
      { ref: refOf(after), object: null },
      { ref: refOf(before), object: before },
    ];
    const replaced = [after, before].flatMap((each) => [intent(each, 'replace'), done(each, 'replace')]);
    const carried = [intent(after)];
    for (const cutOffAgain of [[], [intent(after, 'replace')]]) {
      const journal = journalOf({ preImages }, ...carried, ...cutOffAgain, ...replaced);
      assert.deepEqual(
        planUndo(PLAN, journal, liveRelease([after, before])).objects.map(({ action, ref }) => [
          action,
          ref.kind,
        ]),
        [['delete', 'Service']],
        'what was there before is not deleted',
      );
    }
  });

  test('never deletes a claim', () => {
    const claim = object('PersistentVolumeClaim', 'u1');
    const journal = journalOf({}, intent(claim), done(claim));
    const named: PlannedObject = {
      ...deletion(claim),
      action: 'keep',
      reason: 'added since the backup; a claim is never deleted',
    };
    for (const objects of [[], [named]]) {
      const plan = planUndo({ ...PLAN, objects }, journal, liveRelease([claim]));
      assert.deepEqual(
        plan.objects.map(({ action, reason }) => [action, reason]),
        [['keep', 'the restore created it; a claim is never deleted']],
      );
      assert.deepEqual(claimsThatStay(plan, journal), [
        {
          what: 'persistentvolumeclaim/cart',
          why: 'the restore created it; a claim is never deleted',
        },
      ]);
    }
  });

  test('stops where somebody changed what the restore wrote', () => {
    const written = object('Service', 'u1', { port: 1 });
    const live = liveRelease([object('Service', 'u1', { port: 2 })]);
    assert.deepEqual(planUndo(PLAN, journalOf({}, intent(written), done(written)), live).refusals, [
      'service/cart was changed since the restore',
    ]);
  });

  test('does not mind a replica count, which an autoscaler moves', () => {
    const written = object('Deployment', 'u1', { replicas: 2 });
    const live = liveRelease([object('Deployment', 'u1', { replicas: 5 })]);
    assert.deepEqual(planUndo(PLAN, journalOf({}, intent(written), done(written)), live).refusals, []);
  });

  test('stops where somebody deleted, or made again, what the restore replaced', () => {
    const before = object('Service', 'u1', { port: 1 });
    const written = object('Service', 'u1', { port: 2 });
    const journal = journalOf(
      { preImages: [{ ref: refOf(before), object: before }] },
      intent(written, 'replace'),
      done(written, 'replace'),
    );
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([])).refusals, [
      'service/cart was deleted since the restore',
    ]);
    const again = liveRelease([object('Service', 'u9', { port: 2 })]);
    assert.deepEqual(planUndo(PLAN, journal, again).refusals, [
      'service/cart was deleted and made again since the restore',
    ]);
  });

  test('goes on after an undo that was cut off: put back, or deleted already, is not changed', () => {
    const before = object('Service', 'u1', { port: 1 });
    const written = object('Service', 'u1', { port: 2 });
    const created = object('ConfigMap', 'u2');
    const journal = journalOf(
      {
        preImages: [
          { ref: refOf(before), object: before },
          { ref: refOf(created), object: null },
        ],
      },
      done(written, 'replace'),
      done(created),
    );
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([before])).refusals, []);
  });

  test('takes a claim that was bound, and a finalizer of the cluster, for no change', () => {
    const claim = object('PersistentVolumeClaim', 'c1', { accessModes: ['ReadWriteOnce'] });
    const bound: KubeObject = {
      ...claim,
      metadata: {
        ...(claim.metadata as KubeObject),
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
        finalizers: ['kubernetes.io/pvc-protection'],
      },
      spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv-1' },
    };
    const balancer = object('Service', 's1', { type: 'LoadBalancer' });
    const balanced: KubeObject = {
      ...balancer,
      metadata: {
        ...(balancer.metadata as KubeObject),
        finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
      },
    };
    const journal = journalOf({}, done(claim), done(balancer));
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([bound, balanced])).refusals, []);
    const grown = {
      ...bound,
      spec: { ...(bound.spec as KubeObject), resources: { requests: { storage: '9Gi' } } },
    };
    assert.equal(planUndo(PLAN, journal, liveRelease([grown, balanced])).refusals.length, 1);
  });

  test('goes on after an undo that was cut off when it had made an object again, but not over a later change', () => {
    const before = object('Deployment', 'u1', { selector: 1 });
    const written = object('Deployment', 'u2', { selector: 2 });
    const journal = journalOf(
      { preImages: [{ ref: refOf(before), object: before }] },
      intent(written, 'recreate'),
      done(written, 'recreate'),
    );
    const again = object('Deployment', 'u3', { selector: 1 });
    const inHand = journalOf({ operation: 'undo' }, intent(again, 'recreate'));
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([unheard(again)]), [inHand]).refusals, []);
    const ended = journalOf({ operation: 'undo' }, intent(again, 'recreate'), done(again, 'recreate'));
    assert.deepEqual(planUndo(PLAN, journal, liveRelease([again]), [ended]).refusals, []);
    const changed = object('Deployment', 'u3', { selector: 1, paused: true });
    assert.equal(planUndo(PLAN, journal, liveRelease([changed]), [ended]).refusals.length, 1);
  });

  test('stops where Helm went on, but not at a revision of an undo that was cut off', () => {
    const helm = { action: 'new-revision' as const, revision: 6, from: 3, superseded: [5], failed: [] };
    const [sixth, seventh] = [record(6, 'r6'), record(7, 'r7')];
    const journal = journalOf({ helmRevision: 5, plan: { ...PLAN, helm } }, done(sixth.record));
    const live = liveRelease([], [sixth, seventh]);
    assert.deepEqual(planUndo(PLAN, journal, live).refusals, [
      'Helm went on to revision 7 since the restore',
    ]);
    const start = { operation: 'undo' as const, helmRevision: 6 };
    assert.deepEqual(planUndo(PLAN, journal, live, [journalOf(start, done(seventh.record))]).refusals, []);
    const unheardOf = liveRelease([], [sixth, unheardRecord(seventh)]);
    assert.deepEqual(
      planUndo(PLAN, journal, unheardOf, [journalOf(start, intent(seventh.record))]).refusals,
      [],
    );
    // Refused, because somebody else's revision of that number was there.
    const theirs = journalOf(
      { helmRevision: 6, plan: { ...PLAN, helm } },
      intent(seventh.record),
      refused(seventh.record),
    );
    assert.deepEqual(planUndo(PLAN, theirs, live).refusals, ['Helm went on to revision 7 since the restore']);
  });

  test('knows the revision of the restore that it took up, and had nothing, or another one, to write for', () => {
    const sixth = record(6, 'r6');
    for (const helm of [
      { action: 'keep' as const, revision: 6 },
      { action: 'new-revision' as const, revision: 7, from: 3, superseded: [5], failed: [6] },
    ]) {
      const journal = journalOf({ helmRevision: 5, plan: { ...PLAN, helm } }, intent(sixth.record));
      assert.deepEqual(
        planUndo(PLAN, journal, liveRelease([], [record(5, 'r5'), unheardRecord(sixth)])).refusals,
        [],
      );
    }
  });

  test("deletes Helm's records that the restore wrote, one without its line too, and no other", () => {
    const helm = { action: 'create-history' as const, revisions: [1, 2, 3] };
    const first = record(1, 'r1');
    const [second, third] = [record(2, 'r2'), record(3, 'r3')];
    const journal = journalOf(
      { plan: { ...PLAN, helm } },
      intent(first.record),
      { type: 'did', at: AT, action: 'create', ref: refOf(first.record), uid: 'r1' },
      intent(second.record),
    );
    const plan = planUndo(PLAN, journal, liveRelease([], [first, unheardRecord(second), third]));
    assert.deepEqual(plan.helm, { action: 'delete-history', revisions: [1, 2] });
    assert.deepEqual(plan.objects, []);
    const reinstalled = planUndo(PLAN, journal, liveRelease([], [record(1, 'somebody else'), second]));
    assert.deepEqual(reinstalled.helm, { action: 'none' });
  });

  test('is held back by a pending operation as young as one that holds a restore back, and by no other', () => {
    const at = new Date('2026-11-22T10:30:00Z');
    const pending = (deployedAt: string) => aRevision(2, 'pending-upgrade', { deployedAt });
    const told = (history: HelmRevision[], journal = journalOf({})) =>
      atWorkSince(journal, liveRelease([], history), at);
    assert.match(
      told([pending('2026-11-22T10:25:00Z')]).join(),
      /^Helm revision 2 has been pending-upgrade for 5/,
    );
    assert.deepEqual(told([pending('2026-11-22T10:15:00Z')]), []);
    assert.deepEqual(told([aRevision(2, 'deployed')]), []);
    const helm = { action: 'new-revision' as const, revision: 3, from: 1, superseded: [], failed: [2] };
    const forced = journalOf({ plan: { ...PLAN, helm } });
    assert.deepEqual(told([pending('2026-11-22T10:25:00Z')], forced), []);
  });

  test('goes on where the restore itself left one of the backup pending, and not where somebody took it over', () => {
    const at = new Date('2026-11-22T10:30:00Z');
    const held = (status: HelmRevision['status']): HelmRevision =>
      aRevision(1, status, { deployedAt: '2026-11-22T10:25:00Z' });
    const { record: kept } = held('pending-rollback');
    const cutOff = journalOf({}, intent(kept), done(kept));
    const told = (status: HelmRevision['status'], journal = cutOff, attempts: Journal[] = []) =>
      atWorkSince(journal, liveRelease([], [held(status)]), at, attempts).length;
    assert.equal(told('pending-rollback'), 0);
    assert.equal(told('pending-rollback', journalOf({}), [cutOff]), 0, 'left by an undo that was cut off');
    assert.equal(told('pending-rollback', journalOf({})), 1, 'written by nobody of us');
    assert.equal(told('pending-upgrade'), 1);
  });

  test('has nothing to do after a restore that was cut off before it wrote', () => {
    const plan = planUndo({ ...PLAN, nothingToDo: true }, journalOf({}), liveRelease([]));
    assert.equal(plan.nothingToDo, true);
  });
});

describe('the namespace that a restore made', () => {
  const namespace = (uid: string, manager = BY): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', uid, managedFields: [{ manager }] },
  });
  const namespaceIntent = intent({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });

  test('is told by the uid in the journal', () => {
    const made = done({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'n1' } });
    assert.equal(namespaceMadeBy(journalOf({}, namespaceIntent, made), namespace('n9')), 'n1');
    assert.equal(namespaceMadeBy(journalOf({ createdNamespace: 'n1' }), undefined), 'n1');
  });

  test('is the one that it made last, after a restore that was cut off and whose namespace was deleted', () => {
    const made = done({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'n2' } });
    const journal = journalOf({ createdNamespace: 'n1' }, namespaceIntent, namespaceIntent, made);
    assert.equal(namespaceMadeBy(journal, namespace('n2')), 'n2');
  });

  test('is told by its manager where the restore was cut off before it knew the uid', () => {
    const journal = journalOf({}, namespaceIntent);
    assert.equal(namespaceMadeBy(journal, namespace('n1')), 'n1');
    assert.equal(namespaceMadeBy(journal, namespace('n1', 'kubectl-create')), undefined);
    const refused: JournalEntry = {
      ...(namespaceIntent as { at: string; action: string; ref: ObjectRef }),
      type: 'refused',
    };
    assert.equal(namespaceMadeBy(journalOf({}, namespaceIntent, refused), namespace('n1')), undefined);
    assert.equal(namespaceMadeBy(journalOf({}), namespace('n1')), undefined);
    assert.equal(namespaceMadeBy(journal, undefined), undefined);
  });

  test('is no object that the undo deletes as one of the release', () => {
    const made = namespace('n1');
    const plan = planUndo(PLAN, journalOf({}, namespaceIntent, done(made)), liveRelease([made]));
    assert.deepEqual(plan.objects, []);
  });

  test('is not made again for an undo that has nothing to put there', () => {
    const gone = { ...liveRelease([]), namespace: undefined };
    const missing: typeof PLAN = { ...PLAN, namespace: { name: 'shop', action: 'create' } };
    const plan = planUndo(missing, journalOf({}, namespaceIntent), gone);
    assert.equal(plan.namespace.action, 'keep');
    assert.deepEqual(plan.refusals, []);
    const service: PlannedObject = { ...deletion(object('Service', 'u1')), action: 'create' };
    const lost = planUndo({ ...missing, objects: [service] }, journalOf({}), gone);
    assert.deepEqual(lost.refusals, ['namespace shop is gone']);
  });
});

test('new pods bring back settings of a ConfigMap or Secret that the restore wrote and they read', () => {
  const envFrom = [{ configMapRef: { name: 'cart' } }, { secretRef: { name: 'other' } }];
  const template = { spec: { containers: [{ name: 'memcached', envFrom }] } };
  const workload = { ...object('Deployment', 'u1', { template }), apiVersion: 'apps/v1' };
  const reads = (...written: KubeObject[]) =>
    readsWhatWasWritten(workload, journalOf({}, ...written.map((each) => intent(each))));
  assert.equal(reads(object('ConfigMap', 'u2')), true);
  assert.equal(reads(object('Secret', 'u2'), object('Service', 'u3'), workload), false);
});

describe('where an undo leads back to', () => {
  const service = object('Service', 'u1', { port: 1 });
  const preImages = [
    { ref: refOf(service), object: service },
    { ref: refOf(object('ConfigMap', 'u2')), object: null },
  ];

  test('holds what the restore replaced and the safety backup lacks, as it was', () => {
    const journal = journalOf({ preImages });
    const { objects, document } = withPreImages(emptySource(journal, '1.0.0'), journal);
    assert.deepEqual(
      objects.map(({ ref, raw, entry }) => [ref.kind, raw, entry.role]),
      [['Service', service, 'owned']],
    );
    assert.deepEqual(
      document.objects.map(({ kind }) => kind),
      ['Service'],
      'or it would be deleted as one that the release got later',
    );
  });

  test("prefers the safety backup's own copy", () => {
    const journal = journalOf({ preImages });
    const saved = withPreImages(emptySource(journal, '1.0.0'), journal);
    assert.deepEqual(withPreImages(saved, journal), saved);
  });
});

test('what somebody made before a cut-off restore came to it is not the state before that', () => {
  const service = object('Service', 'u1');
  const journal = journalOf({ preImages: [{ ref: refOf(service), object: null }] });
  assert.deepEqual(createdSince(journal, liveRelease([service])), [
    'service/cart was created since the restore',
  ]);
  assert.deepEqual(createdSince(journal, liveRelease([])), []);
  const ours = journalOf({ preImages: [{ ref: refOf(service), object: null }] }, intent(service));
  assert.deepEqual(createdSince(ours, liveRelease([service])), []);
});
