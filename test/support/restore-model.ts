import type { LiveRelease } from '../../src/kube/read-release.ts';
import { ownershipToGiveBack } from '../../src/model/field-ownership.ts';
import { displayName, type KubeObject, keyOf, uidOf } from '../../src/model/object.ts';
import type { Plan } from '../../src/model/plan.ts';
import { creationForm } from '../../src/model/write-form.ts';
import { type DryRunAnswer, formToWrite } from '../../src/restore/dry-run.ts';
import { makePlan, type PlanInput } from '../../src/restore/plan.ts';
import type { RestoreSource } from '../../src/restore/source.ts';
import type { ModelServer } from './api-server.ts';
import type { Fixture } from './objects.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');

/** The plan for a source and a live release, with the model server's dry-run answers. */
export function planWith(
  source: RestoreSource,
  live: LiveRelease,
  server: ModelServer,
  more: Partial<PlanInput> = {},
): Plan {
  const answers = new Map(
    source.objects.map((object): [string, DryRunAnswer] => {
      const isLeftAlone = object.ref.kind === 'PersistentVolumeClaim' || object.entry.role === 'referenced';
      if (isLeftAlone && live.find(object.ref) !== undefined)
        return [keyOf(object.ref), { kind: 'unasked', why: 'it is left as it is' }];
      return [keyOf(object.ref), server.try(formToWrite(object, source, live))];
    }),
  );
  return makePlan({
    source,
    live,
    answers,
    livePods: [],
    now: NOW,
    options: { wholeRelease: true },
    ...more,
  });
}

/** Does to the model server what a restore does to a real one: writes in the plan's order, then ownership. */
export function applyToModel(
  plan: Plan,
  source: RestoreSource,
  live: LiveRelease,
  server: ModelServer,
): void {
  for (const { action, ref } of plan.objects) {
    if (action === 'keep' || action === 'restart') continue;
    const current = server.get(ref);
    if (action === 'delete' || action === 'recreate') server.delete(ref, uidOf(current ?? {}));
    if (action === 'delete') continue;
    const object = source.objects.find((candidate) => keyOf(candidate.ref) === keyOf(ref));
    if (object === undefined) throw new Error(`the plan names ${displayName(ref)}, the backup does not`);
    server.write(action === 'replace' ? formToWrite(object, source, live) : creationForm(object.raw));
    const entries = ownershipToGiveBack(object.raw);
    if (entries.length > 0) server.setManagedFields(ref, entries);
  }
}

/** One deployed revision whose manifest names these objects. */
export function namesOf(objects: readonly (KubeObject | Fixture)[]): KubeObject[] {
  return objects.map((each) => {
    const { apiVersion, kind, metadata } = ('object' in each ? each.object : each) as KubeObject;
    return { apiVersion: apiVersion!, kind: kind!, metadata: { name: (metadata as KubeObject).name! } };
  });
}
