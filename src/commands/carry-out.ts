import { brokenOff } from '../errors/interruptible.ts';
import { BrokenOffError, InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { askPods } from '../memcached/ask-pods.ts';
import { type HeldBack, heldBack } from '../model/held-back.ts';
import { displayName, type ObjectRef, refOf, uidOf } from '../model/object.ts';
import type { Plan } from '../model/plan.ts';
import { podTargets } from '../model/pod-settings.ts';
import type { Proof } from '../model/proof.ts';
import { isMemcachedWorkload } from '../model/workload.ts';
import { type Applied, applyPlan } from '../restore/apply.ts';
import { closeRecord, type OpenRecord, openRecord } from '../restore/helm-record.ts';
import { prove } from '../restore/prove.ts';
import { readWorkload } from '../restore/read-workload.ts';
import { replaceStuckPods } from '../restore/replace-stuck-pods.ts';
import { restartPods } from '../restore/restart.ts';
import type { RestoreSource } from '../restore/source.ts';
import { type RolloutOutcome, waitForRollouts } from '../restore/wait.ts';
import { NoSafeKeeping } from '../store/safe-keeping.ts';
import type { JournalWriter } from '../store/store.ts';
import type { CommandContext } from './context.ts';
import { type Kept, restoreWords, undoWords } from './restore-words.ts';
import { POD_DEADLINE_MS } from './take-backup.ts';

/** What a restore did and how it ended. */
export interface CarriedOut {
  applied: Applied[];
  /** Of the plan's stuck ones. */
  deletedPods: ObjectRef[];
  rollouts: RolloutOutcome[];
  /** Absent where a rollout or a restart did not finish, or where an undo led back to no workload. */
  proof: Proof | undefined;
}

/** Everything that carrying a plan out needs. */
export interface Work {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
  plan: Plan;
  operation: 'restore' | 'undo';
  /** For advice. */
  kept: Kept;
  /** Started, with the plan in it. */
  journal: JournalWriter;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** Aborted by Ctrl-C, SIGTERM, or the loss of the Lease: the object in hand is finished. */
  signal: AbortSignal;
}

/**
 * Carries a plan out, step by step: Helm's record, objects, restarts, wait, proof, Helm's record.
 * @throws ToolError naming the object at which it stopped; what was written before stays, is named, and
 * Helm's record says "failed", so that neither Helm nor the next restore is blocked.
 */
export async function carryOut(work: Work, context: CommandContext): Promise<CarriedOut> {
  const { kube, source, live, plan, journal, timeoutMs, signal } = work;
  const { io } = context;
  const applied: Applied[] = [];
  const deletedPods: ObjectRef[] = [];
  const at = (): string => context.now().toISOString();
  const record: OpenRecord = { pending: undefined, target: undefined };
  const close = (outcome: 'done' | 'failed') =>
    closeRecord(kube, record, outcome, plan.helm, live, context.now());
  const progress = io.progress('Writing');
  const onProgress = (line: string): void => progress.update(line);
  try {
    stopIfInterrupted(work);
    const { history, namespaceName } = live;
    await openRecord(record, kube, plan.helm, source, history, namespaceName, context.now(), {
      onWill: (ref) => journal.append({ type: 'will', at: at(), action: 'create', ref }),
      onCreated: (created) => {
        const uid = uidOf(created);
        const known = uid === undefined ? {} : { uid };
        return journal.append({ type: 'did', at: at(), action: 'create', ref: refOf(created), ...known });
      },
    });
    await applyPlan(plan, {
      kube,
      source,
      live,
      signal,
      onWill: ({ action, ref }) => journal.append({ type: 'will', at: at(), action, ref }),
      onApplied: (done) => {
        applied.push(done);
        progress.update(`${displayName(done.ref)} ${pastOf(done.action)}`);
        return journal.append({ type: 'did', at: at(), ...done });
      },
      onRefused: ({ action, ref }) => journal.append({ type: 'refused', at: at(), action, ref }),
    });
    stopIfInterrupted(work);
    for (const { ref } of plan.objects.filter(({ action }) => action === 'restart')) {
      const unfinished = await restartPods(kube, ref, { timeoutMs, signal, onProgress });
      stopIfInterrupted(work);
      if (unfinished !== undefined) {
        await close('failed');
        return { applied, deletedPods, rollouts: [unfinished], proof: undefined };
      }
    }
    const unreplaced = await replaceStuckPods(kube, plan.stuckPods ?? [], {
      timeoutMs,
      signal,
      onProgress,
      onDeleted: (pod) => deletedPods.push(pod),
    });
    stopIfInterrupted(work);
    if (unreplaced !== undefined) {
      await close('failed');
      return { applied, deletedPods, rollouts: [unreplaced], proof: undefined };
    }
    const workloads = workloadsOf(source);
    const rollouts = await waitForRollouts(kube, workloads, { timeoutMs, signal, onProgress });
    stopIfInterrupted(work);
    if (rollouts.some(({ done }) => !done)) {
      await close('failed');
      return { applied, deletedPods, rollouts, proof: undefined };
    }
    progress.update('Asking the pods');
    // Nothing was there, or nothing ran: an undo that leads back to that has nothing to prove.
    const hasNone = workloads.length === 0 && work.operation === 'undo';
    const proof = hasNone ? undefined : await provePods(work, workloads);
    await close('done');
    return { applied, deletedPods, rollouts, proof };
  } catch (error) {
    await close('failed').catch((second: unknown) =>
      io.warn(`Helm's record stays pending: ${(second as Error).message}`),
    );
    throw stoppedAt(error, applied, work);
  } finally {
    progress.done();
  }
}

function workloadsOf(source: RestoreSource): ObjectRef[] {
  return source.objects
    .filter(({ entry, raw }) => entry.role === 'owned' && isMemcachedWorkload(raw))
    .map(({ ref }) => ref);
}

async function provePods({ kube, source, operation }: Work, workloads: ObjectRef[]): Promise<Proof> {
  const now = await Promise.all(workloads.map((ref) => readWorkload(kube, ref)));
  const targets = now.flatMap((workload) =>
    workload === undefined ? [] : podTargets([workload.workload], workload.replicaSets, workload.pods),
  );
  const answers = await askPods(targets, kube.portForward.bind(kube), {
    timeoutMs: POD_DEADLINE_MS,
    canary: true,
  });
  const held = now.flatMap((workload): [string, HeldBack][] => {
    const why = workload && heldBack(workload.workload, operation);
    return workload === undefined || why === undefined ? [] : [[displayName(refOf(workload.workload)), why]];
  });
  return prove(answers, source.pods, {
    held: new Map(held),
    by: operation,
    withoutWorkload: workloads.length === 0,
  });
}

export function pastOf(action: Applied['action']): string {
  return { create: 'created', replace: 'replaced', recreate: 'deleted and created again', delete: 'deleted' }[
    action
  ];
}

function stopIfInterrupted({ signal, plan, operation }: Work): void {
  if (!signal.aborted) return;
  throw brokenOff(signal, `the ${operation} of ${plan.backup.release}`, {});
}

function nextStep({ plan, operation, kept }: Work): string {
  const undo = `kubectl memcached-backup ${undoWords(kept)}`;
  if (operation === 'undo') return `to complete it: ${undo}`;
  return `to go on: kubectl memcached-backup ${restoreWords(plan, kept)}; to go back: ${undo}`;
}

/** The same error, saying also where things stand. */
function stoppedAt(error: unknown, applied: Applied[], work: Work): unknown {
  if (!(error instanceof ToolError)) return error;
  const done = applied.map(({ action, ref }) => `${displayName(ref)} ${pastOf(action)}`);
  const untouched =
    done.length === 0
      ? 'no object was changed'
      : `written before that: ${done.join(', ')}; nothing else was changed`;
  const further = nextStep(work);
  const next = error instanceof NoSafeKeeping ? `${error.next}; then, ${further}` : (error.next ?? further);
  const help = { untouched, next, cause: error };
  // Told apart by their class: what a person broke off is not undone by itself.
  if (error instanceof InterruptedError) return new InterruptedError(error.message, help);
  if (error instanceof BrokenOffError) return new BrokenOffError(error.message, help);
  return new ToolError(error.message, help, error.exitCode);
}
