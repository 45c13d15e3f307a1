import { type Advice, advice } from '../advice/advice.ts';
import { askPodsThrough } from '../backup/ask-pods-through.ts';
import type { RestoreSource } from '../backup/source.ts';
import { brokenOff, interruptible } from '../errors/interruptible.ts';
import { BrokenOffError, InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { nameRevisions } from '../model/helm/name-revisions.ts';
import { displayName, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import { type PausedRollout, pausedRollout } from '../model/kubernetes/paused-rollout.ts';
import { isMemcachedWorkload } from '../model/kubernetes/workload.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { Proof } from '../model/plan/proof.ts';
import { loginsOfPods } from '../model/settings/auth-file.ts';
import { podTargets } from '../model/settings/pod-settings.ts';
import type { Progress } from '../output/io.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { NoUndoStore } from '../store/journal/undo-store.ts';
import type { JournaledWrites } from './journal/journaled-writes.ts';
import { loginFinders } from './pods/login-finders.ts';
import { cacheOpener } from './pods/paced/look-at-pod.ts';
import type { PacedPod } from './pods/paced/pace.ts';
import { Pacing } from './pods/paced/pacing.ts';
import { notUpAgain } from './pods/pods-before.ts';
import { prove } from './pods/prove.ts';
import { readWorkload } from './pods/read-workload.ts';
import { replaceStuckPods } from './pods/replace-stuck-pods.ts';
import { restartPods } from './pods/restart.ts';
import { type Tuned, tunePods } from './pods/tune-pods.ts';
import { type RolloutOutcome, waitForRollouts } from './pods/wait.ts';
import { type AdviceScope, restoreCommand, undoCommand } from './restore-command.ts';
import { appliedInWords, whereItStands } from './where-it-stands.ts';
import { type Applied, applyPlan } from './write/apply.ts';
import { HelmAtWorkError, HelmWatch } from './write/helm-at-work.ts';
import { closeRecord, type OpenRecord, openRecord, type RecordWork } from './write/helm-record.ts';
import { podsInWords, type Writes } from './writes.ts';

/** What a restore did and how it ended. */
export interface CarriedOut {
  applied: Applied[];
  /** Of the plan's stuck ones. */
  deletedPods: ObjectRef[];
  rollouts: RolloutOutcome[];
  /** Absent where a rollout or a restart did not finish, or where an undo led back to no workload. */
  proof: Proof | undefined;
  /** Helm's records that were to be closed or removed, and stay: somebody wrote them meanwhile. */
  moved: ObjectRef[];
  /** What was sent to running servers, pod by pod; absent where nothing was to be. */
  tuned?: Tuned[];
  /** Of a paced restore: what was waited for after each pod; absent otherwise. */
  paced?: PacedPod[];
}

/** Everything that carrying a plan out needs. */
export interface Work {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
  plan: Plan;
  operation: 'restore' | 'undo';
  /** For advice. */
  scope: AdviceScope;
  /** Of the journal, which is started and has the plan in it: each write goes through here. */
  journaled: JournaledWrites;
  /** Told of the pods that it deletes or restarts, and of each write. */
  writes: Pick<Writes, 'deletedPods' | 'restarted' | 'held' | 'tuned' | 'onDone'>;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** Aborted by Ctrl-C, SIGTERM, or the loss of the Lease: the object in hand is finished. */
  signal: AbortSignal;
  /** Told what begins: the wait for the rollouts once all is written, and the proof once they are done. */
  onStep?(step: 'ready' | 'proof'): void;
}

/**
 * Carries a plan out, step by step: Helm's record, objects, restarts, wait, proof, Helm's record.
 * @throws ToolError naming the object at which it stopped; what was written before stays, is named, and
 * Helm's record says "failed", so that neither Helm nor the next restore is blocked.
 */
export function carryOut(work: Work, context: CommandContext): Promise<CarriedOut> {
  return showing(context.io, 'Writing', (onProgress) => carryOutShowing(work, onProgress, context));
}

async function carryOutShowing(
  work: Work,
  onProgress: Progress['update'],
  { now, io }: CommandContext,
): Promise<CarriedOut> {
  const { kube, source, live, plan, journaled, timeoutMs, signal } = work;
  const { deletedPods, restarted } = work.writes;
  const applied: Applied[] = [];
  const record: OpenRecord = { pending: undefined, target: undefined };
  const watch = new HelmWatch(kube, live, journaled, now);
  const recordWork: RecordWork = { kube, planned: plan.helm, source, live, journaled, watch, now };
  const isOfHelm = plan.helm.action !== 'none' || live.history.length > 0;
  const mayGoOn = async (): Promise<void> => {
    if (isOfHelm) await watch.check();
  };
  const close = (outcome: 'done' | 'failed') => closeRecord(record, outcome, recordWork);
  // Where the pods were not up before either, all is as it was, and Helm's record of that is no failure.
  const closeUnfinished = async (rollouts: RolloutOutcome[]): Promise<CarriedOut> => {
    const isAsBefore = work.operation === 'undo' && notUpAgain(rollouts, source).length === 0;
    if (isAsBefore) await mayGoOn();
    const moved = await close(isAsBefore ? 'done' : 'failed');
    return { applied, deletedPods, rollouts, proof: undefined, moved, ...tuned, ...pacing?.report };
  };
  let tuned: Pick<CarriedOut, 'tuned'> = {};
  const tune = async (): Promise<void> => {
    const changes = plan.runtime?.changes ?? [];
    if (changes.length === 0) return;
    onProgress('Sending settings to the pods');
    const onTuned = (line: string): void => {
      work.writes.tuned.push(line);
      work.writes.onDone?.(line);
    };
    const open = cacheOpener({ kube, source, live });
    tuned = { tuned: await tunePods(changes, { kube, live, journaled, open, signal, onTuned }) };
    stopIfInterrupted(work);
  };
  const { paced } = plan;
  const pacing =
    paced === undefined
      ? undefined
      : new Pacing({ ...work, paced, onProgress, warn: (line) => io.warn(line) });
  try {
    stopIfInterrupted(work);
    // Before each object it is looked again: where one comes next, once is enough.
    if (pacing !== undefined || !beginsWithObject(plan)) await mayGoOn();
    await pacing?.lookBefore();
    stopIfInterrupted(work);
    await openRecord(record, recordWork);
    for (const line of recordsInWords(plan)) work.writes.onDone?.(line);
    await applyPlan(plan, {
      kube,
      source,
      live,
      timeoutMs,
      signal,
      journaled,
      mayGoOn,
      ...pacing?.holds,
      onApplied: (done) => {
        applied.push(done);
        work.writes.onDone?.(appliedInWords(done));
      },
    });
    stopIfInterrupted(work);
    for (const { ref } of plan.objects.filter(({ action }) => action === 'restart')) {
      restarted.push(ref);
      const options = { timeoutMs, signal, onProgress };
      const unfinished = await (pacing?.restart(ref, options) ?? restartPods(kube, ref, options));
      stopIfInterrupted(work);
      if (unfinished !== undefined) return await closeUnfinished([unfinished]);
    }
    await tune();
    const late = await pacing?.replaceHeld(mayGoOn);
    stopIfInterrupted(work);
    if (late !== undefined) return await closeUnfinished([late]);
    const unreplaced = await replaceStuckPods(kube, plan.stuckPods ?? [], {
      timeoutMs,
      signal,
      onProgress,
      onDeleted: (pod) => {
        deletedPods.push(pod);
        work.writes.onDone?.(`${displayName(pod)} deleted: it never became ready`);
      },
    });
    stopIfInterrupted(work);
    if (unreplaced !== undefined) return await closeUnfinished([unreplaced]);
    const workloads = workloadsOf(source);
    work.onStep?.('ready');
    const rollouts = await waitForRollouts(kube, workloads, { timeoutMs, signal, onProgress });
    stopIfInterrupted(work);
    if (rollouts.some(({ done }) => !done)) return await closeUnfinished(rollouts);
    work.onStep?.('proof');
    onProgress('Asking the pods');
    // Nothing was there, or nothing ran: an undo that leads back to that has nothing to prove.
    const hasNone = workloads.length === 0 && work.operation === 'undo';
    const proof = hasNone ? undefined : await interruptible(provePods(work, workloads), signal, '');
    await mayGoOn();
    return { applied, deletedPods, rollouts, proof, moved: await close('done'), ...tuned, ...pacing?.report };
  } catch (error) {
    const helm = await close('failed').then(
      () => (record.pending === undefined ? [] : [`${displayName(refOf(record.pending))} says failed`]),
      (second: unknown) => [
        second instanceof HelmAtWorkError
          ? second.message
          : `Helm's record stays pending: ${(second as Error).message}`,
      ],
    );
    throw stoppedAt(error, [whereItStands(journaled, plan, podsInWords(work.writes)), ...helm], work);
  }
}

/** Whether the first write is that of an object: none of Helm's records, no restart. */
function beginsWithObject({ helm, objects }: Plan): boolean {
  const [first] = objects.filter(({ action }) => action !== 'keep' && action !== 'restart');
  return first !== undefined && (helm.action === 'none' || helm.action === 'keep');
}

/** Of Helm's, what is there from now on. */
function recordsInWords({ helm }: Plan): string[] {
  if (helm.action === 'new-revision') return [`Helm revision ${helm.revision} written`];
  return helm.action === 'create-history' ? [`${nameRevisions(helm.revisions)} written`] : [];
}

function workloadsOf(source: RestoreSource): ObjectRef[] {
  return source.objects
    .filter(({ entry, raw }) => entry.role === 'owned' && isMemcachedWorkload(raw))
    .map(({ ref }) => ref);
}

async function provePods(
  { kube, source, live, plan, operation }: Work,
  workloads: ObjectRef[],
): Promise<Proof> {
  const now = await Promise.all(workloads.map((ref) => readWorkload(kube, ref)));
  const targets = now.flatMap((workload) =>
    workload === undefined ? [] : podTargets([workload.workload], workload.replicaSets, workload.pods),
  );
  const pods = now.flatMap((workload) => workload?.pods ?? []);
  const { answers } = await askPodsThrough(kube, targets, {
    canary: true,
    loginsOf: loginsOfPods(pods, loginFinders({ source, live })),
  });
  const held = now.flatMap((workload): [string, PausedRollout][] => {
    const why = workload && pausedRollout(workload.workload, operation);
    return workload === undefined || why === undefined ? [] : [[displayName(refOf(workload.workload)), why]];
  });
  return prove(answers, source.pods, {
    held: new Map(held),
    by: operation,
    imposed: plan.imposed ?? [],
    left: new Map((plan.runtime?.left ?? []).map(({ ref, settings }) => [displayName(ref), settings])),
    withoutWorkload: workloads.length === 0,
  });
}

function stopIfInterrupted({ signal, plan, operation }: Work): void {
  if (!signal.aborted) return;
  throw brokenOff(signal, `the ${operation} of ${plan.backup.release}`, {});
}

function nextStep({ plan, operation, scope }: Work): Advice {
  const undo = undoCommand(scope);
  if (operation === 'undo') return advice`to complete it: ${undo}`;
  return advice`to go on: ${restoreCommand(plan, scope)}; to go back: ${undo}`;
}

/** The same error, saying also where things stand. */
function stoppedAt(error: unknown, standing: string[], work: Work): unknown {
  if (!(error instanceof ToolError)) return error;
  const untouched = standing.join('; ');
  const further = nextStep(work);
  const next =
    error instanceof NoUndoStore ? advice`${error.next}; then, ${further}` : (error.next ?? further);
  const help = { untouched, next, cause: error };
  // Told apart by their class: what a person broke off is not undone by itself.
  if (error instanceof InterruptedError) return new InterruptedError(error.message, help);
  if (error instanceof HelmAtWorkError) return new HelmAtWorkError(error.message, help);
  if (error instanceof BrokenOffError) return new BrokenOffError(error.message, help);
  return new ToolError(error.message, help, error.exitCode);
}
