import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../../kube/client.ts';
import { comesBefore, steppingForm } from '../../../model/kubernetes/held-rollout.ts';
import { displayName, type KubeObject, type ObjectRef, uidOf } from '../../../model/kubernetes/object.ts';
import { isPodReady, podsOfWorkload, replicasOf } from '../../../model/kubernetes/workload.ts';
import type { Wait } from '../../../output/io.ts';
import type { HeldObject } from '../../write/apply.ts';
import { blockingReasons } from '../blocking-reasons.ts';
import { readWorkload, type WorkloadNow } from '../read-workload.ts';
import { readWhenSeen, restartPods } from '../restart.ts';
import type { RolloutOutcome } from '../wait.ts';
import type { CarryItems, KeptItems } from './carry-items.ts';
import { Succession } from './succession.ts';
import { turnoverOf } from './template-sets.ts';
import type { WarmUp } from './warm-up.ts';

/** Between two looks at a workload, milliseconds; and where a pause must not come late. */
const INTERVAL_MS = 300;
const STEP_INTERVAL_MS = 100;

export interface PacedOptions {
  /** For each pod to become ready, milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
  onProgress(line: string, wait?: Wait): void;
  warmUp: WarmUp;
  /** Carries each old pod's items over to its successor; absent: nobody does. */
  carry?: CarryItems;
  /** Writes a form of the held workload, as far as nobody else wrote it since it was written last. */
  write(held: HeldObject, form: KubeObject): Promise<void>;
}

/**
 * Replaces the old pods of a workload that is held (model/kubernetes/held-rollout.ts), one by one, each when the new one before
 * it is ready and its cache warm. It is held at the end too: writing it as it is meant ends that, and lets the last old pod of a
 * Deployment go whose new pods come before.
 * @returns where it stood when a pod was not ready in time; undefined where all came about, or where it was interrupted.
 */
export function paceRollout(
  kube: KubeClient,
  held: HeldObject,
  options: PacedOptions,
): Promise<RolloutOutcome | undefined> {
  const { ref } = held.object;
  return ref.kind === 'Deployment'
    ? paceDeployment(kube, held, options)
    : paceRestart(kube, ref, { ...options, onlyStale: true });
}

/** Restarts pods by eviction, one by one, each when the successor of the one before it is warm. */
export async function paceRestart(
  kube: KubeClient,
  ref: ObjectRef,
  options: Omit<PacedOptions, 'write'> & { onlyStale?: boolean },
): Promise<RolloutOutcome | undefined> {
  const before = await readWorkload(kube, ref);
  if (before === undefined) return undefined;
  const old = new Set(podsOf(before).map(uidOf));
  const { warmUp, carry, ...restart } = options;
  const known = new Set(old);
  let kept: KeptItems | undefined;
  const beforeEach = async (pod: KubeObject): Promise<void> => {
    if (isPodReady(pod)) kept = await carry?.keep(before.workload, pod);
  };
  const afterEach = async (): Promise<void> => {
    const now = await readWorkload(kube, ref);
    const pods = now === undefined ? [] : podsOf(now).filter((pod) => !old.has(uidOf(pod)));
    const successor = pods.find((pod) => !known.has(uidOf(pod)));
    for (const pod of pods) known.add(uidOf(pod));
    if (kept !== undefined) await carry?.give(before.workload, kept, successor);
    kept = undefined;
    if (now !== undefined) await warmUp.wait(now.workload, pods);
  };
  try {
    return await restartPods(kube, ref, { ...restart, beforeEach, afterEach });
  } finally {
    if (kept !== undefined) await carry?.give(before.workload, kept, undefined);
  }
}

function podsOf({ workload, replicaSets, pods }: WorkloadNow): KubeObject[] {
  return podsOfWorkload(workload, replicaSets, pods).map(({ pod }) => pod);
}

async function paceDeployment(
  kube: KubeClient,
  held: HeldObject,
  options: PacedOptions,
): Promise<RolloutOutcome | undefined> {
  const succession = options.carry && new Succession(options.carry, comesBefore(held.form));
  try {
    return await stepByStep(kube, held, succession, options);
  } finally {
    await succession?.end(held.written);
  }
}

async function stepByStep(
  kube: KubeClient,
  held: HeldObject,
  succession: Succession | undefined,
  options: PacedOptions,
): Promise<RolloutOutcome | undefined> {
  const { warmUp, signal } = options;
  const { ref } = held.object;
  const isBefore = comesBefore(held.form);
  while (!signal.aborted) {
    const wait: Wait = { since: Date.now(), limitMs: options.timeoutMs };
    const ready = await awaitReady(kube, ref, wait, options);
    if (ready === undefined) return undefined;
    if ('done' in ready) return ready;
    const { arriving, leaving, fresh, old } = turnoverOf(ready);
    await succession?.arrived(ready.workload, fresh, old);
    await warmUp.wait(ready.workload, fresh);
    if (signal.aborted) return undefined;
    const isLast = isBefore && arriving >= replicasOf(ready.workload);
    if (leaving === 0 || isLast) return undefined;
    await succession?.leaves(ready.workload, old);
    if (!(await step(kube, held, arriving, options)) && !signal.aborted) {
      const message = `${displayName(ref)}: no further new pod came in time`;
      return { ref, done: false, message, obstacles: reasonsOf(ready) };
    }
  }
  return undefined;
}

/**
 * Lets the controller replace one more pod: until the new template's ReplicaSet is to have one more.
 * @returns whether it came to that.
 */
async function step(
  kube: KubeClient,
  held: HeldObject,
  arriving: number,
  { timeoutMs, signal, write, onProgress }: PacedOptions,
): Promise<boolean> {
  const { ref } = held.object;
  const wait: Wait = { since: Date.now(), limitMs: timeoutMs };
  onProgress(`${displayName(ref)}: replacing the next pod`, wait);
  await write(held, steppingForm(held.form));
  try {
    while (!signal.aborted && Date.now() < wait.since + wait.limitMs) {
      const now = await readWorkload(kube, ref);
      if (now === undefined) return false;
      if (turnoverOf(now).arriving > arriving) return true;
      await sleep(STEP_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  } finally {
    await write(held, held.form);
  }
}

/** @returns the workload when all pods of its new template are ready; how it stands where they are not in time; undefined: it is gone, or interrupted. */
async function awaitReady(
  kube: KubeClient,
  ref: ObjectRef,
  wait: Wait,
  { signal, onProgress }: PacedOptions,
): Promise<WorkloadNow | RolloutOutcome | undefined> {
  const deadline = wait.since + wait.limitMs;
  while (!signal.aborted) {
    const now = await readWhenSeen(kube, ref, deadline, { signal });
    if (now === undefined) return undefined;
    const { arriving, fresh } = turnoverOf(now);
    const ready = fresh.filter(isPodReady).length;
    if (ready >= arriving) return now;
    const message = `${displayName(ref)}: ${ready} of ${arriving} new pods are ready`;
    const obstacles = reasonsOf(now);
    if (Date.now() >= deadline) return { ref, done: false, message, obstacles };
    onProgress([message, ...obstacles].join('; '), wait);
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

/** That it is paused is none: whoever paces it paused it. */
function reasonsOf(now: WorkloadNow): string[] {
  return blockingReasons(now).filter((line) => !line.endsWith(': it is paused'));
}
