import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { displayName, type KubeObject, type ObjectRef, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { rolloutOf } from '../../model/kubernetes/rollout.ts';
import {
  isPodReady,
  isSeenByController,
  podsOfWorkload,
  replicasOf,
} from '../../model/kubernetes/workload.ts';
import type { Wait } from '../../output/io.ts';
import { writeWithRetry } from '../write/write-with-retry.ts';
import { blockingReasons } from './blocking-reasons.ts';
import { readWorkload, type WorkloadNow } from './read-workload.ts';
import { refusedPods } from './refused-pods.ts';
import type { RolloutOutcome } from './wait.ts';

export interface RestartOptions {
  timeoutMs: number;
  signal: AbortSignal;
  onProgress(line: string, wait?: Wait): void;
  /** uids of the pods that are meant; all of them where absent. */
  only?: ReadonlySet<string>;
  /** Only pods of older templates. */
  onlyStale?: boolean;
  /** Awaited before each pod goes. */
  beforeEach?(pod: KubeObject): Promise<void>;
  /** Awaited after each pod, when its successor is ready; `timeoutMs` is each pod's own then. */
  afterEach?(pod: KubeObject): Promise<void>;
}

const INTERVAL_MS = 300;

/**
 * Replaces a workload's pods one by one, by eviction, so that PodDisruptionBudgets are honoured, waiting
 * for the successor each time. Not by `kubectl rollout restart`: that changes the template, and the object
 * would no longer be what it was.
 * @returns where it stood when a budget blocked, or a successor was not ready, until the deadline; undefined
 * where neither did, also where it was interrupted.
 */
export async function restartPods(
  kube: KubeClient,
  ref: ObjectRef,
  given: RestartOptions,
): Promise<RolloutOutcome | undefined> {
  let wait: Wait = { since: Date.now(), limitMs: given.timeoutMs };
  const options: RestartOptions = { ...given, onProgress: (line) => given.onProgress(line, wait) };
  const before = await readWhenSeen(kube, ref, wait.since + wait.limitMs, options);
  if (before === undefined) return undefined;
  for (const { pod, current } of podsOfWorkload(before.workload, before.replicaSets, before.pods)) {
    if (options.signal.aborted) return undefined;
    if (options.only?.has(uidOf(pod) ?? '') === false) continue;
    if (options.onlyStale === true && current) continue;
    if (options.afterEach !== undefined) wait = { since: Date.now(), limitMs: given.timeoutMs };
    const deadline = wait.since + wait.limitMs;
    await options.beforeEach?.(pod);
    if (options.signal.aborted) return undefined;
    options.onProgress(`restarting ${displayName(refOf(pod))}`);
    const blocked =
      (await evict(kube, pod, deadline, options)) ??
      (await waitForSuccessor(kube, { ref, evicted: pod }, deadline, options));
    if (blocked !== undefined) {
      const { what, obstacles: reasons } = blocked;
      return {
        ref,
        done: false,
        message: `${displayName(ref)}: ${displayName(refOf(pod))} ${what}`,
        obstacles: reasons,
      };
    }
    await options.afterEach?.(pod);
  }
  return undefined;
}

/** A pod that goes before the controller has seen what was just written comes back from the old template. */
export async function readWhenSeen(
  kube: KubeClient,
  ref: ObjectRef,
  deadline: number,
  { signal }: Pick<RestartOptions, 'signal'>,
): Promise<WorkloadNow | undefined> {
  for (;;) {
    const now = await readWorkload(kube, ref);
    if (now === undefined || isSeenByController(now.workload)) return now;
    if (signal.aborted || Date.now() >= deadline) return now;
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** What became of a pod's restart at the deadline, and why. */
interface Blocked {
  what: string;
  obstacles: string[];
}

async function evict(
  kube: KubeClient,
  pod: KubeObject,
  deadline: number,
  options: RestartOptions,
): Promise<Blocked | undefined> {
  while (!options.signal.aborted) {
    const refusal = await writeWithRetry(() => evictNow(kube, pod));
    if (refusal === undefined) return undefined;
    const name = displayName(refOf(pod));
    const why = [name, 'a PodDisruptionBudget holds its restart back', ...budgetsIn(refusal)].join(': ');
    options.onProgress(why);
    if (Date.now() >= deadline) return { what: 'could not be restarted in time', obstacles: [why] };
    await sleep(INTERVAL_MS * 3, undefined, { signal: options.signal }).catch(() => {});
  }
  return undefined;
}

/** @returns why a budget does not allow it; undefined where the pod goes, or another one has its name. */
async function evictNow(kube: KubeClient, pod: KubeObject): Promise<ApiError | undefined> {
  try {
    await kube.evict(refOf(pod), { uid: uidOf(pod)! });
  } catch (error) {
    if (error instanceof ApiError && error.status === 429) return error;
    const isGone = error instanceof ApiError && (error.status === 404 || error.status === 409);
    if (!isGone) throw error;
  }
  return undefined;
}

/** Which budget it is, and what it asks for, in the API server's words. */
function budgetsIn({ causes }: ApiError): string[] {
  return causes.filter(({ reason }) => reason === 'DisruptionBudget').map(({ message }) => message);
}

/**
 * Whether all pods are there and ready again. The workload's status alone may not know of the eviction yet;
 * where a rollout is paused, its other pods may be of an older template for as long as they like.
 * @param pods of the workload, terminating ones left out.
 */
export function isSettled(workload: KubeObject, pods: KubeObject[]): boolean {
  const areReady = pods.filter(isPodReady).length >= replicasOf(workload);
  return areReady && (pausedRollout(workload) !== undefined || rolloutOf(workload).done);
}

async function waitForSuccessor(
  kube: KubeClient,
  { ref, evicted }: { ref: ObjectRef; evicted: KubeObject },
  deadline: number,
  options: RestartOptions,
): Promise<Blocked | undefined> {
  while (!options.signal.aborted) {
    const now = await readWorkload(kube, ref);
    if (now === undefined) return undefined;
    const pods = podsOfWorkload(now.workload, now.replicaSets, now.pods).map(({ pod }) => pod);
    const gone = pods.every((pod) => uidOf(pod) !== uidOf(evicted));
    if (gone && isSettled(now.workload, pods)) return undefined;
    if (Date.now() >= deadline) {
      const refused = pods.length < replicasOf(now.workload) ? await refusedPods(kube, now.workload) : [];
      const reasons = [...blockingReasons(now), ...refused];
      return { what: 'was restarted, and its successor is not ready in time', obstacles: reasons };
    }
    await sleep(INTERVAL_MS, undefined, { signal: options.signal }).catch(() => {});
  }
  return undefined;
}
