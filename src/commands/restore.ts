import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { BrokenOffError, InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { assertNamespaceName } from '../model/namespace-name.ts';
import { displayName, keyOf } from '../model/object.ts';
import type { Plan } from '../model/plan.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { planLines } from '../output/plan-text.ts';
import { printData } from '../output/print.ts';
import { intoNamespace } from '../restore/into-namespace.ts';
import { assertLeaseFree } from '../restore/lease.ts';
import type { PlanOptions } from '../restore/plan-input.ts';
import { type RestoreSource, readSource } from '../restore/source.ts';
import type { Remainder } from '../restore/undo-plan.ts';
import { NoSafeKeeping, type SafeKeeping } from '../store/safe-keeping.ts';
import type { JournalWriter, ReleaseAddress, Store } from '../store/store.ts';
import { type BegunNamespace, beginNamespace, takeNamespaceBack } from './begin-namespace.ts';
import { type CarriedOut, carryOut, type Work } from './carry-out.ts';
import { chooseBackup } from './choose-backup.ts';
import type { CommandContext } from './context.ts';
import { sayNewestDifferent } from './newest-different.ts';
import { openSafeKeeping } from './open-safe-keeping.ts';
import { type Planned, planRelease } from './plan-release.ts';
import { reportRestore } from './report-restore.ts';
import { restoreWords } from './restore-words.ts';
import { endUnfinished, findUnfinished, startJournal } from './start-journal.ts';
import { type TakenBackup, type TakeOptions, takeBackup } from './take-backup.ts';
import { underLease } from './under-lease.ts';
import { planTheUndo, undoJournal } from './undo-journal.ts';

export interface RestoreOptions {
  /** RELEASE[@ID], or the path of a backup's folder. */
  selector: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  /** --into: the namespace to restore into; the backup's own where undefined. */
  into?: string;
  yes: boolean;
  dryRun: 'none' | 'client' | 'server';
  output: OutputFormat;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** Restore also a release that holds other workloads than memcached. */
  wholeRelease: boolean;
  /** Restore also what Argo CD, Flux or an operator manages, and over a pending Helm operation. */
  force: boolean;
  /** Delete and make again also a Service. */
  recreate: boolean;
  /** Replace also what the release only refers to. */
  includeReferenced: boolean;
  /** Restart pods that do not follow their template by themselves. */
  restart: boolean;
  /**
   * What to do when it goes wrong. auto: a write that fails is undone; a rollout that does not finish keeps
   * what was written. undo and keep: that, in both cases.
   */
  onFailure: 'auto' | 'undo' | 'keep';
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

const UNTOUCHED = 'the cluster was not changed';

/** What a restore works with, once it has begun. */
interface Session {
  kube: KubeClient;
  store: Store;
  /** Where the journal and the safety backup go. */
  keep: SafeKeeping;
  source: RestoreSource;
  /** Where it is restored. */
  address: ReleaseAddress;
  /** What to know of the backup itself. */
  notes: string[];
  options: RestoreOptions;
  context: CommandContext;
}

/** How a restore went on under the Lease. */
type Ending =
  | { kind: 'nothing-to-do'; plan: Plan }
  | { kind: 'done'; plan: Plan; safety: TakenBackup | undefined; result: CarriedOut };

/**
 * `restore RELEASE[@ID]`: reads, plans, shows the plan, asks; then, under the release's Lease, plans again,
 * saves the present state, writes, waits and proves. Nothing is written before the answer, and nothing at all
 * where live, pods and effective settings already equal the backup.
 */
export async function restore(options: RestoreOptions, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const startedAt = context.now();
  const progress = io.progress(`Planning the restore of ${options.selector}`);
  const planning = prepare(options, context);
  const { session, live, plan } = await interruptible(planning, context.signal, UNTOUCHED).finally(() =>
    progress.done(),
  );

  if (options.dryRun !== 'none') {
    const names = plan.objects.filter(({ action }) => action !== 'keep').map(({ ref }) => displayName(ref));
    if (!(await printData(io, options.output, { data: { plan }, names }))) {
      io.out(`${planLines(plan, io.outStyle).join('\n')}\n`);
    }
    if (plan.refusals.length > 0) throw refused(plan);
    return ExitCode.ok;
  }
  show(plan, context);
  if (plan.nothingToDo) {
    await endUnfinished(session.keep, session.address, context);
    const looking = sayNewestDifferent({ ...session, selector: options.selector }, context);
    await interruptible(looking, context.signal, UNTOUCHED);
    return reportNothingToDo(plan, options, context);
  }
  await askFirst(plan, session);

  const { kube, keep, source, address } = session;
  const { namespace } = source.document;
  const begunNamespace =
    plan.namespace.action === 'create'
      ? await beginNamespace(kube, keep, { address, plan, live, namespace }, context)
      : undefined;
  let begun = false;
  try {
    const ending = await underLease(kube, address.namespace, address.release, context, (signal) =>
      restoreUnderLease(session, plan, begunNamespace, signal, () => {
        begun = true;
      }),
    );
    if (ending.kind === 'nothing-to-do') return reportNothingToDo(ending.plan, options, context);
    return reportRestore(
      { ...ending.result, operation: 'restore', plan: ending.plan, safety: ending.safety, startedAt },
      options.output,
      context,
    );
  } catch (error) {
    if (begunNamespace !== undefined && !begun) {
      await takeNamespaceBack(kube, address, begunNamespace, context);
    }
    throw error;
  }
}

/** Chooses the backup, reads it, and makes the first plan. */
async function prepare(
  options: RestoreOptions,
  context: CommandContext,
): Promise<{ session: Session } & Planned> {
  const { into } = options;
  if (into !== undefined) assertNamespaceName(into);
  const [kube, keep] = await Promise.all([context.kube(), openSafeKeeping(context)]);
  const { store } = keep;
  const { reader, cluster, isForeign, path } = await chooseBackup(kube, store, options);
  const { release, namespace: own, cluster: from } = reader.document;
  const namespace = into ?? own.name;
  const [saved] = await Promise.all([readSource(reader), assertLeaseFree(kube, namespace, release)]);
  const source = { ...intoNamespace(saved, namespace), ...(path === undefined ? {} : { path }) };
  const notes = isForeign
    ? [`this is a backup of another cluster, ${from.name} (its context was "${from.context}")`]
    : [];
  // The journal and the safety backup are about this cluster and namespace, wherever the backup came from.
  const address = { cluster, namespace, release };
  const session = { kube, store, keep, source, address, notes, options, context };
  return { session, ...(await planAgain(session)) };
}

async function planAgain({ kube, source, notes, options, context }: Session): Promise<Planned> {
  const { live, plan } = await planRelease(kube, source, planOptions(options), context);
  return { live, plan: { ...plan, warnings: [...notes, ...plan.warnings] } };
}

/** Plans again, now that nobody else restores; saves the present state; carries the plan out. */
async function restoreUnderLease(
  session: Session,
  shown: Plan,
  begunNamespace: BegunNamespace | undefined,
  signal: AbortSignal,
  onBegin: () => void,
): Promise<Ending> {
  const { kube, source, options, context } = session;
  const { live, plan: replanned } = await interruptible(planAgain(session), signal, UNTOUCHED);
  const plan = { ...replanned, namespace: shown.namespace };
  if (!isSamePlan(plan, shown)) {
    context.io.say('The release changed since this plan was made. The plan is now:');
    show(plan, context);
    if (!plan.nothingToDo) await askFirst(plan, session);
  }
  if (plan.refusals.length > 0) throw refused(plan);
  if (plan.nothingToDo) return { kind: 'nothing-to-do', plan };

  const isAsBegun = isSamePlan(plan, shown) && live.history.length + live.placed.length === 0;
  const { journal, id, safety } =
    begunNamespace !== undefined && isAsBegun
      ? { ...begunNamespace, safety: undefined }
      : await beginJournal(session, plan, live, begunNamespace);
  onBegin();
  const end = (outcome: string) => noteEnd(journal, outcome, context);
  try {
    const { timeoutMs } = options;
    const work: Work = { kube, source, live, plan, operation: 'restore', journal, timeoutMs, signal };
    const result = await carryOut(work, context);
    const finished = result.rollouts.every(({ done }) => done);
    await end(finished ? 'done' : 'rollout-unfinished');
    if (!finished && options.onFailure === 'undo') {
      throw await undoFailed(session, id, signal, new ToolError('the rollout did not finish'));
    }
    return { kind: 'done', plan, safety, result };
  } catch (error) {
    const isFailure = error instanceof ToolError && !(error instanceof BrokenOffError);
    if (!isFailure || options.onFailure === 'keep' || error instanceof UndoneError) throw error;
    throw await undoFailed(session, id, signal, error);
  }
}

/** Saves the state before and starts the journal, or takes up the journal of a restore that was cut off. */
async function beginJournal(
  session: Session,
  plan: Plan,
  live: LiveRelease,
  begunNamespace: BegunNamespace | undefined,
): Promise<{ journal: JournalWriter; id: string; safety: TakenBackup | undefined }> {
  const { keep, address, context } = session;
  const unfinished = begunNamespace === undefined ? await findUnfinished(keep, address, live) : undefined;
  if (unfinished !== undefined) {
    context.io.say(
      `A restore that was cut off (${unfinished.start.at}) is taken up; undo leads back to before it.`,
    );
  }
  const exists = live.history.length + live.placed.length > 0;
  const safety = unfinished === undefined ? await saveBefore(session, exists) : undefined;
  const createdNamespace = begunNamespace?.uid;
  const started = await startJournal(
    keep,
    { operation: 'restore', address, plan, live, safety, createdNamespace },
    unfinished,
    context,
  );
  if (begunNamespace !== undefined) {
    await noteEnd(begunNamespace.journal, `continued by ${started.id}`, context);
  }
  return { ...started, safety };
}

/** What was done is done: a journal that can't take its last line is no failure of the restore. */
async function noteEnd(journal: JournalWriter, outcome: string, context: CommandContext): Promise<void> {
  try {
    await journal.append({ type: 'end', at: context.now().toISOString(), outcome });
  } catch (error) {
    if (!(error instanceof NoSafeKeeping)) throw error;
    context.io.warn(`the journal does not say that the restore ended: ${error.message}`);
  }
}

/** The state before, as a safety backup. Only what a person had could be lost: without a release, nothing. */
async function saveBefore(
  { kube, keep, address, context }: Session,
  exists: boolean,
): Promise<TakenBackup | undefined> {
  if (!exists) return undefined;
  const options: TakeOptions = {
    namespace: address.namespace,
    release: address.release,
    kind: 'safety',
    startedAt: context.now(),
    clusterName: address.cluster,
  };
  const safety = await keep.save('safety backup', (store) => takeBackup(kube, store, options, context));
  context.io.say(`Saved the present state first: ${address.release}@${safety.document.id}`);
  return safety;
}

/** The error of a restore that was undone by itself. */
class UndoneError extends ToolError {}

/** Undoes a restore that failed. @returns the error to throw: the failure, and what became of the undo. */
async function undoFailed(
  { kube, keep, address, options, context }: Session,
  id: string,
  signal: AbortSignal,
  failure: ToolError,
): Promise<ToolError> {
  const { io } = context;
  const { release, namespace } = address;
  try {
    const journal = (await keep.journals(address)).find(({ start }) => start.id === id);
    if (journal === undefined) return failure;
    io.say(`Undoing, because it failed: ${failure.message}`);
    const planned = await planTheUndo(kube, keep, address, journal, context);
    const { stays } = await undoJournal(
      kube,
      keep,
      { address, journal, planned, timeoutMs: options.timeoutMs, signal, evenUnkept: true },
      context,
    );
    return new UndoneError(`the restore of ${release} failed and was undone: ${failure.message}`, {
      untouched: asBefore(stays),
      ...(failure.next === undefined ? {} : { next: failure.next }),
      cause: failure,
    });
  } catch (second) {
    return new UndoneError(
      `the restore of ${release} failed (${failure.message}), and so did its undo: ${(second as Error).message}`,
      {
        ...(failure.untouched === undefined ? {} : { untouched: failure.untouched }),
        next: `once the cause is gone: kubectl memcached-backup undo ${release} -n ${namespace}`,
        cause: second,
      },
    );
  }
}

function asBefore(stays: Remainder[]): string {
  const but = stays.map(({ what, why }) => `${what} (${why})`).join(', ');
  return `the release is as it was before the restore${but === '' ? '' : `, but for ${but}`}`;
}

function planOptions(options: RestoreOptions): PlanOptions & { askServer: boolean } {
  const { wholeRelease, force, recreate, restart, includeReferenced, dryRun } = options;
  const referencedToo = (): boolean => includeReferenced;
  return { wholeRelease, force, recreate, restart, referencedToo, askServer: dryRun !== 'client' };
}

/** Whether two plans do the same; what could be checked beforehand may differ. */
function isSamePlan(a: Plan, b: Plan): boolean {
  const deeds = ({ helm, objects, cachesEmptied, refusals }: Plan): string =>
    JSON.stringify([
      helm,
      objects.map(({ action, ref, changes }) => [action, keyOf(ref), changes]),
      cachesEmptied,
      refusals,
    ]);
  return deeds(a) === deeds(b);
}

function show(plan: Plan, { io }: CommandContext): void {
  for (const line of planLines(plan, io.style)) io.say(line);
  if (plan.refusals.length > 0) throw refused(plan);
}

async function reportNothingToDo(
  plan: Plan,
  { output }: RestoreOptions,
  { io }: CommandContext,
): Promise<ExitCode> {
  const data = { operation: 'restore', outcome: 'nothing-to-do', plan };
  await printData(io, output, { data, names: [] });
  return ExitCode.ok;
}

async function askFirst(plan: Plan, { options, notes, context: { io } }: Session): Promise<void> {
  if (options.yes) return;
  if (!io.interactive) {
    throw new UsageError('there is no terminal to ask on', {
      untouched: UNTOUCHED,
      next: 'the same command with --yes',
    });
  }
  const note = notes.map((text) => ` (${text})`).join('');
  if (!(await io.confirm(`Restore ${plan.backup.release} in namespace ${plan.namespace.name}${note}?`))) {
    throw new InterruptedError('not restored: the answer was no', { untouched: UNTOUCHED });
  }
}

function refused(plan: Plan): ToolError {
  return new ToolError(`this restore can't be carried out: ${plan.refusals.join('; ')}`, {
    untouched: UNTOUCHED,
    next: `kubectl memcached-backup ${restoreWords(plan)} --dry-run=server, once that is settled`,
  });
}
