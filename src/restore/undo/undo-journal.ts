import { randomUUID } from 'node:crypto';
import { type Advice, advice } from '../../advice/advice.ts';
import { kubectl, tool } from '../../advice/command.ts';
import { readSoundSource } from '../../backup/read-sound-source.ts';
import type { RestoreSource } from '../../backup/source.ts';
import { interruptible } from '../../errors/interruptible.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { isUnfinished, type Journal, soundJournals, writtenRefs } from '../../model/records/journal.ts';
import type { CommandContext } from '../../session/context.ts';
import { NoUndoStore, type UndoStore } from '../../store/journal/undo-store.ts';
import type { JournalWriter, ReleaseAddress } from '../../store/store.ts';
import { type CarriedOut, carryOut } from '../carry-out.ts';
import { assertBelievable, openSafety } from '../journal/believe-journal.ts';
import { JournaledWrites } from '../journal/journaled-writes.ts';
import { noteEnd, noteUndone } from '../journal/note-end.ts';
import { startJournal } from '../journal/start-journal.ts';
import { type Asking, type PlannedOver, planRelease } from '../plan/plan-release.ts';
import type { Pace } from '../pods/paced/pace.ts';
import { notUpAgain } from '../pods/pods-before.ts';
import type { RolloutOutcome } from '../pods/wait.ts';
import { type AdviceScope, journalsClusterFlags, undoCommand } from '../restore-command.ts';
import { awaitDeletions } from '../write/await-deletions.ts';
import { removeNamespace } from '../write/namespace.ts';
import { managerOf } from '../write/written-by.ts';
import type { Writes } from '../writes.ts';
import { createdStillThere } from './still-there.ts';
import { tuneBack, tunedSince } from './tuned-before.ts';
import {
  atWorkSince,
  claimsThatStay,
  movedSince,
  namespaceMadeBy,
  planUndo,
  type Remainder,
  readsWhatWasWritten,
  unknownStill,
} from './undo-plan.ts';
import { emptySource, withPreImages } from './undo-source.ts';

/** What was asked already, or is being asked. */
type Known = Pick<Asking, 'begun' | 'before' | 'early'>;

/** An undo, planned: where it leads back to, and how. */
export interface PlannedUndo extends PlannedOver {
  source: RestoreSource;
  /** What somebody changed since the restore, among the plan's refusals. */
  moved: string[];
}

/** What an undo did, and what it left of what the restore had created. */
export interface Undone extends CarriedOut {
  stays: Remainder[];
  /** Of `rollouts`, those whose pods were up before the restore: where there is one, undo is to be run again. */
  missing: RolloutOutcome[];
  /** The namespace that the restore had made went with it. */
  isNamespaceDeleted?: true;
}

/** Plans the way back from a restore. Writes nothing. @param known what was asked of the release already. */
export async function planTheUndo(
  kube: KubeClient,
  undoStore: UndoStore,
  {
    address,
    journal,
    pace,
    known,
  }: { address: ReleaseAddress; journal: Journal; pace?: Pace | undefined; known?: Known },
  context: CommandContext,
): Promise<PlannedUndo> {
  const { safety } = journal.start;
  const saved =
    safety === null
      ? emptySource(journal, context.version)
      : await readSoundSource(await openSafety(undoStore, address, safety), context);
  await assertBelievable(undoStore, journal, saved);
  const source = withPreImages(saved, journal);
  // Whatever the restore was allowed to do may be undone, and nothing else.
  const restarted = journal.start.plan.objects.filter(({ action }) => action === 'restart');
  const written = new Set([...writtenRefs(journal), ...restarted.map(({ ref }) => ref)].map(keyOf));
  const isWritten = (ref: ObjectRef): boolean => written.has(keyOf(ref));
  const journals = soundJournals(await undoStore.journals(address));
  const later = journals.slice(journals.findIndex(({ start }) => start.id === journal.start.id) + 1);
  const attempts = later.filter((other) => other.start.operation === 'undo' && isUnfinished(other));
  const options = {
    ...known,
    operation: 'undo' as const,
    ...(pace === undefined ? {} : { pace }),
    wholeRelease: true,
    askServer: true,
    force: true,
    recreate: true,
    referencedToo: isWritten,
    mayWrite: isWritten,
    tune: (live: LiveRelease, livePods: readonly PodSettings[]) => tuneBack(journal, live, livePods),
    mayRestart: (workload: KubeObject) => readsWhatWasWritten(workload, journal),
    revise: (plan: Plan, live: LiveRelease): Plan => {
      const undo = planUndo(plan, journal, live, attempts);
      return {
        ...undo,
        refusals: [...undo.refusals, ...atWorkSince(journal, live, context.now(), attempts)],
      };
    },
  };
  const planned = await planRelease(kube, source, options, context);
  const target = { context: kube.contextName, server: kube.server };
  const moved = movedSince(journal, planned.live, attempts);
  const warnings = [...planned.plan.warnings, ...tunedSince(journal, planned.live, planned.livePods)];
  return { source, ...planned, plan: { ...planned.plan, target, warnings }, moved };
}

/**
 * Carries an undo out; the Lease is held. It is over when every object is as before and so are the pods: where
 * some were up then and are not now, its journal stays open, and running undo again completes it.
 * @throws as carryOut does; running undo again completes it, too.
 */
export async function undoJournal(
  kube: KubeClient,
  undoStore: UndoStore,
  work: {
    scope: AdviceScope;
    journal: Journal;
    planned: PlannedUndo;
    timeoutMs: number;
    signal: AbortSignal;
    /** Told of what it writes. */
    writes: Writes;
    /** Told where its journal lies. */
    onBegin?: (journal: string) => void;
    /** Go on also where no journal of the undo can be kept: stopping half way would be worse. */
    evenUnjournaled?: boolean;
  },
  context: CommandContext,
): Promise<Undone> {
  const { scope, journal, planned, timeoutMs, signal, writes, evenUnjournaled = false } = work;
  const { address } = scope;
  const { source, live, plan } = planned;
  assertUndoable(planned, journal, scope);
  await interruptible(awaitDeletions(kube, plan, live, timeoutMs), signal, 'the undo changed nothing');
  const started = await startJournal(
    undoStore,
    { operation: 'undo', address, plan, live, safety: undefined, createdNamespace: undefined },
    undefined,
    context,
  ).catch((error: unknown) => {
    if (!evenUnjournaled || !(error instanceof NoUndoStore)) throw error;
    context.io.warn(`${error.message}; the undo goes on without`);
    return { journal: UNKEPT, id: randomUUID() };
  });
  work.onBegin?.(started.journal.location);
  const journaled = new JournaledWrites(started.journal, managerOf(started.id), context.now);
  writes.logs.push(journaled);
  const result = await carryOut(
    { kube, source, live, plan, operation: 'undo', scope, journaled, writes, timeoutMs, signal },
    context,
  );
  const known = [
    ...claimsThatStay(plan, journal),
    ...unknownStill(journal, live),
    ...result.moved.map(movedRecord),
  ];
  const stays = [
    ...known,
    ...(await createdStillThere(kube, journal, new Set(known.map(({ what }) => what)))),
  ];
  const createdNamespace = namespaceMadeBy(journal, live.namespace);
  let isNamespaceDeleted = false;
  if (createdNamespace !== undefined) {
    const end = await removeNamespace(kube, address.namespace, createdNamespace, address.release);
    if (typeof end === 'object') stays.push({ what: `namespace/${address.namespace}`, why: end.stays });
    isNamespaceDeleted = end === 'deleted';
  }
  for (const { what, why } of stays) context.io.say(`${what} stays: ${why}`);
  const missing = notUpAgain(result.rollouts, source);
  if (started.journal !== UNKEPT && missing.length === 0) {
    await noteUndone(undoStore, address, { restore: journal.start.id, by: started.id }, context);
    await noteEnd(started.journal, 'undone', context);
  }
  return { ...result, stays, missing, ...(isNamespaceDeleted ? { isNamespaceDeleted: true as const } : {}) };
}

function movedRecord(ref: ObjectRef): Remainder {
  return { what: displayName(ref), why: 'somebody else wrote it meanwhile' };
}

/** A journal that nobody can keep. */
const UNKEPT: JournalWriter = { location: '', append: async () => {} };

/** @throws ToolError naming what changed since the restore, or what stands in the way. */
export function assertUndoable(
  planned: Pick<PlannedUndo, 'plan' | 'moved'> & { source: Pick<RestoreSource, 'store'> },
  { start }: Pick<Journal, 'start'>,
  scope: AdviceScope,
): void {
  const { plan, moved } = planned;
  if (plan.refusals.length === 0) return;
  const inTheWay = plan.refusals.filter((refusal) => !moved.includes(refusal));
  throw new ToolError(`this restore can't be undone as a whole: ${plan.refusals.join('; ')}`, {
    untouched: 'the cluster was not changed by the undo',
    // The same reason would block a restore.
    next: inTheWay.length > 0 ? onceDeleted(inTheWay, moved, scope) : overWhatChanged(planned, start, scope),
  });
}

function onceDeleted(inTheWay: string[], moved: string[], scope: AdviceScope): Advice {
  const webhooks = new Set(inTheWay.flatMap((text) => /admission webhook "([^"]+)"/.exec(text)?.[1] ?? []));
  const cause = webhooks.size === 0 ? 'that' : `admission webhook ${[...webhooks].join(', ')}`;
  const undo = undoCommand(scope);
  return advice`once ${cause} is out of the way${moved.length === 0 ? ', this completes it' : ', to see what is left to do'}: ${undo}`;
}

function overWhatChanged(
  { plan, source }: { plan: Plan; source: Pick<RestoreSource, 'store'> },
  { safety }: Journal['start'],
  scope: AdviceScope,
): Advice {
  const { backup, namespace } = plan;
  if (safety === null)
    return advice`there was no release before: remove by hand what nobody needs (${kubectl('get', 'all,configmaps,secrets', '-n', namespace.name)})`;
  const { flags } = source.store ?? scope.store;
  const found = [...journalsClusterFlags(scope), ...flags, ...(scope.store.keyFlags ?? [])];
  return advice`restore the state from before instead, over what changed since: ${tool('restore', `${backup.release}@${safety.id}`, '-n', namespace.name, ...found)}`;
}
