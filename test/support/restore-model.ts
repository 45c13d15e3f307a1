import { PLAIN_SPELLING } from '../../src/advice/spell.ts';
import type { RestoreSource } from '../../src/backup/source.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { LiveRelease } from '../../src/kube/read-release.ts';
import { type KubeObject, keyOf } from '../../src/model/kubernetes/object.ts';
import type { Plan } from '../../src/model/plan/plan.ts';
import type { JournalEntry, WriteEntry } from '../../src/model/records/journal.ts';
import { JournaledWrites } from '../../src/restore/journal/journaled-writes.ts';
import { type DryRunAnswer, formToWrite } from '../../src/restore/plan/dry-run.ts';
import { makePlan } from '../../src/restore/plan/make-plan.ts';
import type { PlanInput } from '../../src/restore/plan/plan-input.ts';
import { type ApplyContext, applyPlan } from '../../src/restore/write/apply.ts';
import { managerOf } from '../../src/restore/write/written-by.ts';
import type { ModelServer } from './api-server.ts';
import type { Fixture } from './objects.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');

/** The plan for a source and a live release, with the model server's dry-run answers. */
export function planWith(...given: Parameters<typeof planInput>): Plan {
  return makePlan(planInput(...given));
}

/** What that plan is made of. */
export function planInput(
  source: RestoreSource,
  live: LiveRelease,
  server: ModelServer,
  more: Partial<PlanInput> = {},
): PlanInput {
  const answers = new Map(
    source.objects.map((object): [string, DryRunAnswer] => {
      const isLeftAlone = object.ref.kind === 'PersistentVolumeClaim' || object.entry.role === 'referenced';
      if (isLeftAlone && live.find(object.ref) !== undefined)
        return [keyOf(object.ref), { kind: 'unasked', why: 'it is left as it is' }];
      return [keyOf(object.ref), server.try(formToWrite(object, source, live))];
    }),
  );
  return {
    source,
    live,
    answers,
    livePods: [],
    now: NOW,
    spelling: PLAIN_SPELLING,
    options: { wholeRelease: true },
    ...more,
  };
}

/** What a restore did to the model server, as its journal has it. */
export type WriteEntries = WriteEntry[];

/** When a restore is killed: at its n-th request that writes, which the server did or never got. */
export interface Kill {
  at: number;
  side: 'before' | 'after';
  /** It is not killed, and meets this in the place of the answer. */
  error?: Error;
}

class KilledError extends Error {}

/**
 * Carries a plan out on the model server, by the code that does it on a real one.
 * @returns its journal, up to the kill.
 */
export async function applyToModel(
  plan: Plan,
  source: RestoreSource,
  { live, server }: { live: LiveRelease; server: ModelServer },
  kill?: Kill,
): Promise<WriteEntries> {
  const entries: WriteEntries = [];
  const journal = {
    location: '',
    append: async (line: JournalEntry) => void entries.push(line as WriteEntry),
  };
  const context: ApplyContext = {
    kube: modelKube(server, kill),
    source,
    live,
    journaled: new JournaledWrites(journal, managerOf('20261124T120000Z'), () => NOW),
    mayGoOn: async () => {},
    timeoutMs: 1000,
    signal: new AbortController().signal,
    onApplied: () => {},
  };
  try {
    await applyPlan(plan, context);
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
  }
  return entries;
}

/** Only what {@link applyPlan} asks of a cluster. */
export function modelKube(server: ModelServer, kill?: Kill): KubeClient {
  let writes = 0;
  const write = async <T>(work: () => T): Promise<T> => {
    const dies = ++writes === kill?.at;
    const error = kill?.error ?? new KilledError();
    if (dies && kill.side === 'before') throw error;
    const answer = work();
    if (dies) throw error;
    return answer;
  };
  const stub: Partial<KubeClient> = {
    get: async (ref) => server.get(ref),
    create: (form, { fieldManager }) => write(() => server.write(form, fieldManager)),
    replace: (form, { fieldManager }) => write(() => server.write(form, fieldManager)),
    patch: (ref, operations) =>
      write(() => {
        const entries = operations.find(({ path }) => path === '/metadata/managedFields')?.value;
        if (entries === undefined) throw new Error('a patch of something else');
        server.setManagedFields(ref, entries);
        return server.get(ref)!;
      }),
    delete: (ref, { uid }) =>
      write(() => {
        if (server.get(ref) === undefined) return false;
        server.delete(ref, uid);
        return true;
      }),
  };
  return stub as KubeClient;
}

/** One deployed revision whose manifest names these objects. */
export function namesOf(objects: readonly (KubeObject | Fixture)[]): KubeObject[] {
  return objects.map((each) => {
    const { apiVersion, kind, metadata } = ('object' in each ? each.object : each) as KubeObject;
    return { apiVersion: apiVersion!, kind: kind!, metadata: { name: (metadata as KubeObject).name! } };
  });
}
