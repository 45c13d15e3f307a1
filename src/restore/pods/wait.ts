import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../kube/client.ts';
import { holdsText, isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { displayName, keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import { podsOfWorkload, replicasOf } from '../../model/kubernetes/workload.ts';
import type { Wait } from '../../output/io.ts';
import { blockingReasons } from './blocking-reasons.ts';
import { readWorkload, type WorkloadNow } from './read-workload.ts';
import { refusedPods } from './refused-pods.ts';
import { rolloutToAwait } from './rollout-to-await.ts';

/** How one workload's rollout ended. */
export interface RolloutOutcome {
  ref: ObjectRef;
  done: boolean;
  /** Where it stood at the end. */
  message: string;
  /** The blocking reasons: why it did not finish, as the cluster words it. `-o json` has the field by this name. */
  obstacles: string[];
}

export interface WaitOptions {
  /** From now on, for all workloads together. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Told whenever the state changes: one line for a person, and how long it may take. */
  onProgress(line: string, wait?: Wait): void;
}

/** Between two looks at a workload, in milliseconds. */
const INTERVAL_MS = 300;
/** Between two looks at its events, in milliseconds. */
const EVENTS_INTERVAL_MS = 3000;

/** Waits for every rollout as `kubectl rollout status` does, all at once, until done or out of time. */
export function waitForRollouts(
  kube: KubeClient,
  workloads: ObjectRef[],
  options: WaitOptions,
): Promise<RolloutOutcome[]> {
  const wait: Wait = { since: Date.now(), limitMs: options.timeoutMs };
  /** Where each stands that is not done yet. */
  const standing = new Map<string, string>();
  const told = (ref: ObjectRef, line: string | undefined): void => {
    if (line === undefined) standing.delete(keyOf(ref));
    else standing.set(keyOf(ref), line);
    if (standing.size > 0) options.onProgress([...standing.values()].join('; '), wait);
  };
  return Promise.all(workloads.map((ref) => waitForRollout(kube, ref, wait, { ...options, told })));
}

async function waitForRollout(
  kube: KubeClient,
  ref: ObjectRef,
  { since, limitMs }: Wait,
  { signal, told }: Pick<WaitOptions, 'signal'> & { told(ref: ObjectRef, line: string | undefined): void },
): Promise<RolloutOutcome> {
  const deadline = since + limitMs;
  let said = '';
  let refused: string[] = [];
  let askedAt = 0;
  let last: WorkloadNow | undefined;
  for (;;) {
    const now = await readWorkload(kube, ref, last);
    last = now;
    if (now === undefined) {
      return { ref, done: false, message: `${displayName(ref)} is gone`, obstacles: ['somebody deleted it'] };
    }
    if (isBeingDeleted(now.workload)) {
      const holds = holdsText(now.workload);
      const reasons = holds === undefined ? ['somebody deleted it'] : [holds];
      return { ref, done: false, message: `${displayName(ref)} is being deleted`, obstacles: reasons };
    }
    const state = rolloutToAwait(now.workload);
    const current = podsOfWorkload(now.workload, now.replicaSets, now.pods).filter((pod) => pod.current);
    const isOver = state.done || state.failed || signal.aborted || Date.now() >= deadline;
    const reasons = state.done ? [] : blockingReasons(now);
    const lacksPods = current.length < replicasOf(now.workload) && now.workload.kind !== 'Deployment';
    if (lacksPods && !state.done && (isOver || Date.now() - askedAt > EVENTS_INTERVAL_MS)) {
      refused = await refusedPods(kube, now.workload);
      askedAt = Date.now();
    }
    if (lacksPods && !state.done) reasons.push(...refused);
    const line = [state.message, ...reasons].join('; ');
    if (line !== said) told(ref, state.done ? undefined : line);
    said = line;
    if (isOver) {
      return { ref, done: state.done, message: state.message, obstacles: reasons };
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}
