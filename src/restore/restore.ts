import { EarlyAnswers } from '../backup/early-answers.ts';
import { readSoundSource } from '../backup/read-sound-source.ts';
import { interruptible } from '../errors/interruptible.ts';
import { BrokenOffError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { assertReadableDriver } from '../kube/helm-history.ts';
import { LIKELY_PODS, livePodTargets, loginsOfLive } from '../kube/live-pods.ts';
import { beginRelease, type LiveRelease, type ReleaseReading } from '../kube/read-release.ts';
import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import { whyUnhealthy } from '../model/records/backup-health.ts';
import { type BackupSelector, parseSelector } from '../model/records/backup-selector.ts';
import { summaryOf } from '../model/records/backup-summary.ts';
import { LEFT_FOR_RESTART as LEFT, NOTHING_WRITTEN } from '../model/records/journal.ts';
import type { CommandContext } from '../session/context.ts';
import { openUndoStore } from '../session/open-undo-store.ts';
import { showing } from '../session/under-way.ts';
import { exposedInWords } from '../store/folder/folder-access.ts';
import { signaturesOf } from '../store/seal/sealing-store.ts';
import type { SavedBackup } from '../store/store.ts';
import { agreeOn, isSamePlan, refused, showPlan, UNTOUCHED } from './agree-on-plan.ts';
import { type CarriedOut, carryOut, type Work } from './carry-out.ts';
import { type ChosenBackup, chooseBackup } from './choose-backup.ts';
import type { Course } from './course.ts';
import { intoNamespace } from './into-namespace/into-namespace.ts';
import { beginJournal } from './journal/begin-journal.ts';
import {
  type CreatedNamespace,
  createJournaledNamespace,
  takeNamespaceBack,
} from './journal/create-journaled-namespace.ts';
import { JournaledWrites } from './journal/journaled-writes.ts';
import { noteEnd } from './journal/note-end.ts';
import { endUnfinished } from './journal/start-journal.ts';
import { assertLeaseFree, dropDeadLease } from './lease/release-lease.ts';
import { underLease } from './lease/under-lease.ts';
import { sayNewestDifferent } from './newest-different.ts';
import { withEmptyingCost } from './plan/emptying-cost.ts';
import { withLiveRecords } from './plan/left-out-secrets.ts';
import { isNothingToDo } from './plan/make-plan.ts';
import type { PlanOptions } from './plan/plan-input.ts';
import { type Asking, type PlannedOver, planRelease } from './plan/plan-release.ts';
import { settingChangesOf } from './plan/setting-changes-of.ts';
import { withoutKinds } from './plan/skip-kinds.ts';
import type { RestoreOptions, RestoreSession } from './restore-session.ts';
import { UndoneError, undoFailed } from './undo/undo-failed.ts';
import { awaitDeletions, deletionsToAwait } from './write/await-deletions.ts';
import { HelmAtWorkError } from './write/helm-at-work.ts';
import { managerOf } from './write/written-by.ts';

/** How a restore ended that did not fail. */
export type RestoreEnding =
  | { kind: 'equal'; plan: Plan }
  | { kind: 'done'; plan: Plan; safety: SavedBackup | undefined; result: CarriedOut };

/** A restore of which nothing was done yet. */
export interface PlannedRestore extends PlannedOver {
  session: RestoreSession;
}

/**
 * Chooses the backup, reads it, and makes the first plan. Reads only.
 * @throws ToolError where there is no sound backup, or somebody else restores the release; UsageError.
 */
export async function planRestore(options: RestoreOptions, context: CommandContext): Promise<PlannedRestore> {
  assertReadableDriver(options.helmDriver, UNTOUCHED);
  const { into } = options;
  if (into !== undefined) assertNamespaceName(into);
  const [kube, undoStore] = await Promise.all([context.kube(), openUndoStore(context)]);
  const { store } = undoStore;
  const early = beginEarly(kube, options);
  kube.expectPortForwards?.(LIKELY_PODS);
  const chosen = await chooseBackup(kube, store, options, context.now());
  const { reader, identity, cluster, isForeign, path, earlier, told } = chosen;
  if (told !== undefined) context.io.say(`${told}.`);
  await signaturesOf(store).assertTrusted(reader, context.now());
  const { release, namespace: own, cluster: from } = reader.document;
  const namespace = into ?? own.name;
  const [saved, lease] = await Promise.all([
    readSoundSource(reader, context),
    early?.namespace === namespace && early.release === release
      ? early.lease
      : assertLeaseFree(kube, namespace, release),
  ]);
  const source = {
    ...withoutKinds(intoNamespace(saved, namespace), options.skipKinds),
    ...(path === undefined ? {} : { path }),
    ...(options.newAddresses ? { newAddresses: true as const } : {}),
  };
  // The journal and the safety backup are about this cluster and namespace, wherever the backup came from.
  const address = { cluster, namespace, release };
  const [ofBackup, ofJournal] = await Promise.all([
    path === undefined ? store.exposed({ cluster: from.name, namespace: own.name, release }) : [],
    store.exposed(address),
  ]);
  const notes = [
    ...(isForeign
      ? [`this is a backup of another cluster, ${from.name} (its context was "${from.context}")`]
      : []),
    ...new Set([...ofBackup, ...ofJournal].map(exposedInWords)),
  ];
  const session: RestoreSession = {
    kube,
    store,
    identity,
    undoStore,
    source,
    address,
    ...(earlier === undefined ? {} : { earlier }),
    notes,
    about: aboutBackup(chosen),
    lease,
    options,
    context,
  };
  const planned = await planNow(session, { begun: early });
  return { session, ...planned, plan: await withEmptyingCost(kube, planned) };
}

/**
 * Shows the plan, asks; then, under the release's Lease, plans again, saves the present state, writes, waits and
 * proves. Nothing is written before the answer, and nothing at all where live, pods and effective settings already
 * equal the backup.
 * @param course told how far it has come.
 * @throws ToolError: refused, not agreed to, failed (and perhaps undone), or broken off.
 */
export async function carryOutRestore(planned: PlannedRestore, course: Course): Promise<RestoreEnding> {
  const { session, live, livePods, plan } = planned;
  const { kube, undoStore, source, address, earlier, context } = session;
  showPlan(plan, session);
  if (isEqual(plan)) {
    await endUnfinished(undoStore, address, context);
    const looking = Promise.all([
      plan.nothingToDo && earlier !== undefined
        ? sayNewestDifferent({ ...session, earlier, live, livePods }, context)
        : undefined,
      dropDeadLease(kube, session.lease),
    ]);
    await interruptible(looking, context.signal, UNTOUCHED);
    return { kind: 'equal', plan };
  }
  await agreeOn(plan, session);

  const { namespace } = source.document;
  const createdNamespace =
    plan.namespace.action === 'create'
      ? await createJournaledNamespace(kube, undoStore, { address, plan, live, namespace, course }, context)
      : undefined;
  if (createdNamespace !== undefined) course.writes.onDone?.(`namespace/${plan.namespace.name} created`);
  let begun = false;
  try {
    return await underLease(kube, address, context, (signal) =>
      restoreUnderLease(planned, { createdNamespace, course, signal }, () => {
        begun = true;
      }),
    );
  } catch (error) {
    if (createdNamespace !== undefined && !begun) {
      const isDeleted = await takeNamespaceBack(kube, address, createdNamespace, context);
      if (isDeleted) course.writes.logs = [];
    }
    throw error;
  }
}

/** What is read of the release that the words seem to mean, while the store is asked for its backup. */
interface EarlyReading extends ReleaseReading {
  lease: Promise<KubeObject | undefined>;
}

/** Undefined where the words may name a path, which alone tells the release, or nothing. */
function beginEarly(kube: KubeClient, { selector, into }: RestoreOptions): EarlyReading | undefined {
  let named: BackupSelector;
  try {
    named = parseSelector(selector);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
  const { release } = named;
  const namespace = into ?? named.namespace ?? kube.namespace;
  const lease = assertLeaseFree(kube, namespace, release);
  lease.catch(() => {});
  return { ...beginRelease(kube, { namespace, release }), lease };
}

async function planNow(
  session: RestoreSession,
  known: Pick<Asking, 'begun' | 'before' | 'early'>,
): Promise<PlannedOver> {
  const { kube, source, notes, about, options, context } = session;
  const planned = await planRelease(kube, source, { ...planOptions(options), ...known }, context);
  const { plan } = planned;
  const backup = { ...plan.backup, ...about };
  const target = { context: kube.contextName, server: kube.server };
  return { ...planned, plan: { ...plan, backup, target, warnings: [...notes, ...plan.warnings] } };
}

/** A safety backup is of the state that a restore was to mend: nobody takes that for a healthy one. */
function aboutBackup({ reader: { document }, healthy }: ChosenBackup): RestoreSession['about'] {
  const { note, kind } = document;
  const unhealthy = kind === 'safety' ? [] : whyUnhealthy(summaryOf(document));
  return {
    ...(note === undefined ? {} : { note }),
    ...(unhealthy.length === 0 ? {} : { unhealthy }),
    ...(unhealthy.length === 0 || healthy === undefined ? {} : { healthy: healthy.id }),
  };
}

/** Plans again, now that nobody else restores; saves the present state; carries the plan out. */
async function restoreUnderLease(
  before: PlannedRestore,
  work: { createdNamespace: CreatedNamespace | undefined; course: Course; signal: AbortSignal },
  onBegin: () => void,
): Promise<RestoreEnding> {
  const { session } = before;
  const { kube, source, options, context } = session;
  const { createdNamespace, course, signal } = work;
  const { plan: shown, scope, writes } = course;
  // Another restore that held the Lease meanwhile may have sent settings to the pods without writing any object.
  const early = new EarlyAnswers(kube);
  early.ask(livePodTargets(before.live), loginsOfLive(before.live));
  const replanned = await interruptible(planNow(session, { before, early }), signal, UNTOUCHED);
  const { live } = replanned;
  const isSame = isSamePlan(replanned.plan, shown);
  const { emptyingCost } = isSame ? shown : await withEmptyingCost(kube, replanned);
  const plan = {
    ...replanned.plan,
    namespace: shown.namespace,
    ...(emptyingCost === undefined ? {} : { emptyingCost }),
    ...(shown.settings === undefined ? {} : { settings: settingChangesOf(source, replanned) }),
  };
  course.plan = plan;
  if (!isSame) {
    context.io.say('The release changed since this plan was made. The plan is now:');
    showPlan(plan, session);
    if (!isEqual(plan)) await agreeOn(plan, session);
  }
  if (plan.refusals.length > 0) throw refused(plan, session);
  if (isEqual(plan)) return { kind: 'equal', plan };

  const waited = await interruptible(awaitShownDeletions(session, plan, live), signal, UNTOUCHED);
  // As it was read a moment ago, under the Lease, unless something was waited for since.
  const present = isSame && !waited ? { live, early } : undefined;
  const isAsShown = isSame && live.history.length + live.classified.length === 0;
  const { journal, id, safety } =
    createdNamespace !== undefined && isAsShown
      ? { ...createdNamespace, safety: undefined }
      : await beginJournal(session, { plan, live, createdNamespace, present });
  onBegin();
  course.journal = journal.location;
  if (safety !== undefined) course.safety = safety;
  const end = (outcome: string) => noteEnd(journal, outcome, context);
  const journaled = new JournaledWrites(journal, managerOf(id), context.now);
  writes.logs.push(journaled);
  try {
    const { timeoutMs } = options;
    const operation = 'restore';
    const toDo: Work = {
      kube,
      source: withLiveRecords(source, live),
      live,
      plan,
      operation,
      scope,
      journaled,
      writes,
      timeoutMs,
      signal,
    };
    const result = await carryOut(toDo, context);
    for (const ref of result.moved)
      context.io.warn(`${displayName(ref)} stays as somebody else left it meanwhile`);
    const finished = result.rollouts.every(({ done }) => done);
    await end(!finished ? 'rollout-unfinished' : (plan.runtime?.left ?? []).length > 0 ? LEFT : 'done');
    if (!finished && options.onFailure === 'undo') {
      throw await undoFailed(session, { id, signal, course }, new ToolError('the rollout did not finish'));
    }
    return { kind: 'done', plan, safety, result };
  } catch (error) {
    if (error instanceof HelmAtWorkError && createdNamespace === undefined && journaled.isNothing) {
      await end(NOTHING_WRITTEN);
    }
    // Also where the server failed after Ctrl-C: whoever broke it off decides what comes next.
    const isFailure =
      error instanceof ToolError && !(error instanceof BrokenOffError) && !context.signal.aborted;
    if (!isFailure || options.onFailure === 'keep' || error instanceof UndoneError) throw error;
    throw await undoFailed(session, { id, signal, course }, error);
  }
}

/** What somebody deleted goes before anything is written: where something holds it, nothing was. @returns whether it was waited for. */
async function awaitShownDeletions(
  { kube, options, context }: RestoreSession,
  plan: Plan,
  live: LiveRelease,
): Promise<boolean> {
  const going = deletionsToAwait(plan, live);
  if (going.length === 0) return false;
  const names = going.map((object) => displayName(refOf(object))).join(', ');
  try {
    await showing(context.io, `Waiting until ${names} is gone`, () =>
      awaitDeletions(kube, plan, live, options.timeoutMs),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { next } = error;
    throw new ToolError(error.message, {
      untouched: UNTOUCHED,
      ...(next === undefined ? {} : { next }),
      cause: error,
    });
  }
}

function planOptions(options: RestoreOptions): PlanOptions & { askServer: boolean } {
  const { wholeRelease, force, recreate, restart, includeReferenced, dryRun, pace } = options;
  const referencedToo = (): boolean => includeReferenced;
  return {
    wholeRelease,
    force,
    recreate,
    restart,
    referencedToo,
    askServer: dryRun !== 'client',
    ...(pace === undefined ? {} : { pace }),
    ...(options.withoutRestart === true ? { withoutRestart: true } : {}),
  };
}

/** Whether there is nothing to write, and nothing to wait for either. */
function isEqual(plan: Plan): boolean {
  return plan.nothingToDo || plan.proof !== undefined || onlyLeaves(plan);
}

/** Whether all of it is left for the next restart. */
export function onlyLeaves(plan: Plan): boolean {
  return plan.runtime !== undefined && plan.runtime.changes.length === 0 && isNothingToDo(plan);
}
