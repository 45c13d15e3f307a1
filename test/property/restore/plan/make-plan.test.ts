import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { creationForm } from '../../../../src/model/forms/write-form.ts';
import { arrayAt, isObject, type JsonObject, jsonEqual } from '../../../../src/model/json/json.ts';
import { ownershipToGiveBack } from '../../../../src/model/kubernetes/field-ownership.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  type ObjectRef,
  refOf,
} from '../../../../src/model/kubernetes/object.ts';
import { type Journal, type JournalStart, writtenRefs } from '../../../../src/model/records/journal.ts';
import { whyNeverWritten } from '../../../../src/model/release/writable-object.ts';
import { isAutoscaled } from '../../../../src/restore/plan/dry-run.ts';
import { isNothingToDo } from '../../../../src/restore/plan/make-plan.ts';
import { planUndo } from '../../../../src/restore/undo/undo-plan.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import { Fixture, NAMESPACE } from '../../../support/objects.ts';
import { rawObject } from '../../../support/raw-objects.ts';
import { applyToModel, namesOf, planWith, type WriteEntries } from '../../../support/restore-model.ts';
import { aSource, saved } from '../../../support/restore-source.ts';
import { startLine } from '../../../unit/store/journal/sample-journal.ts';

/** Others are no part of a restore. */
function mayBeWritten(object: KubeObject): boolean {
  return whyNeverWritten(object, NAMESPACE) === undefined;
}

/** Objects that are there, each once: the server has given them an identity. */
const objects = fc
  .uniqueArray(rawObject().filter(mayBeWritten), { selector: (object) => keyOf(refOf(object)), maxLength: 5 })
  .map((all) => all.map((object) => new Fixture(object).served().object));

const FATES = ['same', 'changed', 'gone', 'scaled', 'reselected', 'labelled', 'disowned'];

/** What became of them: some as they were, some changed, some gone, and some new. */
const moments = objects.chain((before) =>
  fc.record({
    before: fc.constant(before),
    now: fc.tuple(objects, fc.infiniteStream(fc.constantFrom(...FATES))).map(([others, fates]) => {
      const known = new Map(before.map((object) => [keyOf(refOf(object)), object]));
      const fate = () => fates.next().value as string;
      const survivors = before.flatMap((object) => {
        const change = fate();
        if (change === 'gone') return [];
        if (change === 'scaled' && object.kind === 'Deployment')
          return [new Fixture(object).with({ spec: { replicas: 7 } }).object];
        if (change === 'reselected' && object.kind === 'Deployment')
          return [new Fixture(object).with({ spec: { selector: { matchLabels: { tier: 'x' } } } }).object];
        if (change === 'labelled') return [new Fixture(object).labelled({ team: 'another' }).object];
        if (change === 'disowned') return [new Fixture(object).without('metadata', 'managedFields').object];
        if (change === 'changed')
          return [others.find((other) => keyOf(refOf(other)) === keyOf(refOf(object))) ?? object];
        return [object];
      });
      return [...survivors, ...others.filter((other) => !known.has(keyOf(refOf(other))))];
    }),
  }),
);

const released = (all: KubeObject[]) => [aRevision(1, 'deployed', { manifest: namesOf(all) })];
const sourceOf = (all: KubeObject[]) =>
  aSource(
    all.map((object) => saved(new Fixture(object))),
    { history: released(all) },
  );

test('where live is as the backup, the plan keeps everything and writes nothing', () => {
  fc.assert(
    fc.property(objects, (all) => {
      const plan = planWith(
        sourceOf(all),
        aLiveRelease(all, { history: released(all) }),
        new ModelServer(all),
      );
      assert.deepEqual(
        plan.objects.filter(({ action }) => action !== 'keep'),
        [],
      );
      assert.ok(isNothingToDo(plan));
    }),
  );
});

test('what only the cluster moved since is no difference', () => {
  const moved = (object: KubeObject): KubeObject =>
    new Fixture(object).annotated({ 'deployment.kubernetes.io/revision': '7' }).with({
      metadata: {
        resourceVersion: '999',
        generation: 9,
        managedFields: arrayAt(object, 'metadata', 'managedFields').map((entry) => ({
          ...(entry as JsonObject),
          time: '2026-11-23T00:00:00Z',
        })),
      },
      status: { observedGeneration: 9 },
    }).object;
  fc.assert(
    fc.property(objects, (all) => {
      const now = all.map(moved);
      const live = aLiveRelease(now, { history: released(all) });
      assert.ok(isNothingToDo(planWith(sourceOf(all), live, new ModelServer(now))));
    }),
  );
});

test('carried out, a plan gives the backup’s objects, no others, and nothing more to plan', async () => {
  await fc.assert(
    fc.asyncProperty(moments, async ({ before, now }) => {
      const source = sourceOf(before);
      const live = aLiveRelease(now, { history: released(now) });
      const server = new ModelServer(now);
      await applyToModel(planWith(source, live, server), source, { live, server });

      for (const { raw, ref } of source.objects) {
        const after = server.get(ref);
        if (after === undefined || ref.kind === 'PersistentVolumeClaim') {
          assert.ok(after, `${displayName(ref)} is missing`);
          continue;
        }
        const scaled = isAutoscaled(raw, source, live);
        assert.ok(
          jsonEqual(comparableForm(after, scaled), comparableForm(raw, scaled)),
          `${displayName(ref)} is not as it was`,
        );
        const owners = ownershipToGiveBack(raw);
        if (owners.length > 0) assert.deepEqual(ownershipToGiveBack(after), owners, displayName(ref));
      }
      const wanted = new Set(source.objects.map(({ ref }) => keyOf(ref)));
      const extra = server.objects.filter((object) => !wanted.has(keyOf(refOf(object))));
      assert.deepEqual(
        extra.filter(({ kind }) => kind !== 'PersistentVolumeClaim'),
        [],
      );

      const again = planWith(source, aLiveRelease(server.objects, { history: released(before) }), server);
      assert.deepEqual(
        again.objects.filter(({ action }) => action !== 'keep'),
        [],
      );
    }),
    { numRuns: 80 },
  );
});

test('every object of the backup is in the plan once', () => {
  fc.assert(
    fc.property(moments, ({ before, now }) => {
      const live = aLiveRelease(now, { history: released(now) });
      const planned = planWith(sourceOf(before), live, new ModelServer(now)).objects.filter(
        ({ action }) => action !== 'delete',
      );
      for (const object of before)
        assert.equal(planned.filter(({ ref }) => keyOf(ref) === keyOf(refOf(object))).length, 1);
    }),
    { numRuns: 30 },
  );
});

const kills = fc.record({
  at: fc.integer({ min: 1, max: 8 }),
  side: fc.constantFrom('before' as const, 'after' as const),
});

test('killed at any write, or done, a restore is taken back by undo, and an undo that is killed by the next', async () => {
  await fc.assert(
    fc.asyncProperty(
      moments,
      fc.option(kills, { nil: undefined }),
      fc.array(kills, { maxLength: 2 }),
      async ({ before, now }, kill, undoKills) => {
        const source = sourceOf(before);
        const server = new ModelServer(now);
        const live = aLiveRelease(now, { history: released(now) });
        const plan = planWith(source, live, server);
        const preImages = plan.objects
          .filter(({ action }) => action !== 'keep')
          .map(({ ref }) => ({ ref, object: live.find(ref) ?? null }));
        const journal = aJournal(
          { plan, preImages, helmRevision: 1 },
          await applyToModel(plan, source, { live, server }, kill),
        );

        const safety = sourceOf(now);
        const attempts: Journal[] = [];
        for (const undoKill of [...undoKills, undefined]) {
          const there = aLiveRelease(server.objects, { history: released(server.objects) });
          const written = new Set(writtenRefs(journal).map(keyOf));
          // As undo plans: whatever the restore was allowed to do may be undone.
          const mayWrite = (ref: ObjectRef): boolean => written.has(keyOf(ref));
          const options = { wholeRelease: true, force: true, recreate: true, mayWrite };
          const undo = planUndo(planWith(safety, there, server, { options }), journal, there, attempts);
          assert.deepEqual(undo.refusals, []);
          const entries = await applyToModel(undo, safety, { live: there, server }, undoKill);
          attempts.push(aJournal({ operation: 'undo', plan: undo, helmRevision: 1 }, entries));
        }

        for (const object of now) {
          const ref = refOf(object);
          const after = server.get(ref);
          assert.ok(after, `${displayName(ref)} is missing`);
          const scaled = isAutoscaled(object, safety, live);
          assert.ok(
            jsonEqual(comparableForm(after, scaled), comparableForm(object, scaled)),
            `${displayName(ref)} is not as it was`,
          );
        }
        const known = new Set(now.map((object) => keyOf(refOf(object))));
        assert.deepEqual(
          server.objects.filter(
            (object) => !known.has(keyOf(refOf(object))) && object.kind !== 'PersistentVolumeClaim',
          ),
          [],
        );
      },
    ),
    { numRuns: 80 },
  );
});

function aJournal(start: Partial<JournalStart>, entries: WriteEntries): Journal {
  const first = startLine(start);
  return { start: first, entries: [first, ...entries], location: '/store/journal' };
}

/** What people and Helm wrote: without what a Service was allocated and the live object keeps for itself. */
function comparableForm(object: KubeObject, scaled: boolean): JsonObject {
  const form = creationForm(object);
  const { finalizers: _finalizers, ...metadata } = form.metadata as JsonObject;
  const spec = { ...(isObject(form.spec) ? form.spec : {}) };
  if (scaled) delete spec.replicas;
  if (object.kind === 'Service') {
    for (const field of ['clusterIP', 'clusterIPs', 'healthCheckNodePort']) delete spec[field];
    if (Array.isArray(spec.ports)) spec.ports = spec.ports.map((port) => withoutNodePort(port as JsonObject));
  }
  const { secrets: _secrets, ...rest } = form;
  return { ...rest, metadata, spec };
}

function withoutNodePort({ nodePort: _nodePort, ...port }: JsonObject): JsonObject {
  return port;
}
