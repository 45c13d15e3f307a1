import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isObject, type JsonObject, jsonEqual } from '../../../src/model/json.ts';
import { displayName, type KubeObject, keyOf, refOf } from '../../../src/model/object.ts';
import { creationForm } from '../../../src/model/write-form.ts';
import { isAutoscaled } from '../../../src/restore/dry-run.ts';
import { isNothingToDo } from '../../../src/restore/plan.ts';
import { ModelServer } from '../../support/api-server.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { Fixture } from '../../support/objects.ts';
import { rawObject } from '../../support/raw-objects.ts';
import { applyToModel, namesOf, planWith } from '../../support/restore-model.ts';
import { aSource, saved } from '../../support/restore-source.ts';

/** Objects that are there, each once: the server has given them an identity. */
const objects = fc
  .uniqueArray(rawObject(), { selector: (object) => keyOf(refOf(object)), maxLength: 5 })
  .map((all) => all.map((object) => new Fixture(object).served().object));

/** What became of them: some as they were, some changed, some gone, and some new. */
const moments = objects.chain((before) =>
  fc.record({
    before: fc.constant(before),
    now: fc
      .tuple(objects, fc.infiniteStream(fc.constantFrom('same', 'changed', 'gone', 'scaled')))
      .map(([others, fates]) => {
        const known = new Map(before.map((object) => [keyOf(refOf(object)), object]));
        const fate = () => fates.next().value as string;
        const survivors = before.flatMap((object) => {
          const change = fate();
          if (change === 'gone') return [];
          if (change === 'scaled' && object.kind === 'Deployment')
            return [new Fixture(object).with({ spec: { replicas: 7 } }).object];
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

test('carried out, a plan gives the backup’s objects, no others, and nothing more to plan', () => {
  fc.assert(
    fc.property(moments, ({ before, now }) => {
      const source = sourceOf(before);
      const live = aLiveRelease(now, { history: released(now) });
      const server = new ModelServer(now);
      applyToModel(planWith(source, live, server), source, live, server);

      for (const { raw, ref } of source.objects) {
        const after = server.get(ref);
        if (after === undefined || ref.kind === 'PersistentVolumeClaim') {
          assert.ok(after, `${displayName(ref)} is missing`);
          continue;
        }
        const scaled = isAutoscaled(raw, source, live);
        assert.ok(
          jsonEqual(essence(after, scaled), essence(raw, scaled)),
          `${displayName(ref)} is not as it was`,
        );
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

/** What people and Helm wrote: without what a Service was allocated and the live object keeps for itself. */
function essence(object: KubeObject, scaled: boolean): JsonObject {
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
