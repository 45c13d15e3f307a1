import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { heldBack } from '../model/held-back.ts';
import { displayName, type KubeObject, type ObjectRef, refOf, uidOf } from '../model/object.ts';
import { rolloutOf } from '../model/rollout.ts';
import { isPodReady, podsOfWorkload, replicasOf } from '../model/workload.ts';
import { readWorkload } from './read-workload.ts';

export interface RestartOptions {
  timeoutMs: number;
  signal: AbortSignal;
  onProgress(line: string): void;
}

const INTERVAL_MS = 300;

/**
 * Replaces a workload's pods one by one, by eviction, so that PodDisruptionBudgets are honoured, waiting
 * for the successor each time. Not by `kubectl rollout restart`: that changes the template, and the object
 * would no longer be what it was.
 * @throws ToolError when a budget blocks, or a successor is not ready, until the deadline.
 */
export async function restartPods(kube: KubeClient, ref: ObjectRef, options: RestartOptions): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  const before = await readWorkload(kube, ref);
  if (before === undefined) return;
  for (const { pod } of podsOfWorkload(before.workload, before.replicaSets, before.pods)) {
    if (options.signal.aborted) return;
    options.onProgress(`restarting ${displayName(refOf(pod))}`);
    await evict(kube, pod, deadline, options);
    await waitForSuccessor(kube, ref, pod, deadline, options);
  }
}

async function evict(
  kube: KubeClient,
  pod: KubeObject,
  deadline: number,
  options: RestartOptions,
): Promise<void> {
  for (;;) {
    try {
      await kube.evict(refOf(pod), { uid: uidOf(pod)! });
      return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      const blocked = error instanceof ApiError && error.status === 429;
      if (!blocked || Date.now() >= deadline || options.signal.aborted) throw error;
      options.onProgress(`${displayName(refOf(pod))}: a PodDisruptionBudget holds its restart back`);
    }
    await sleep(INTERVAL_MS * 3, undefined, { signal: options.signal }).catch(() => {});
  }
}

/**
 * Whether all pods are there and ready again. The workload's status alone may not know of the eviction yet;
 * where a rollout is held back, its other pods may be of an older template for as long as they like.
 * @param pods of the workload, terminating ones left out.
 */
export function isSettled(workload: KubeObject, pods: KubeObject[]): boolean {
  const areReady = pods.filter(isPodReady).length >= replicasOf(workload);
  return areReady && (heldBack(workload) !== undefined || rolloutOf(workload).done);
}

async function waitForSuccessor(
  kube: KubeClient,
  ref: ObjectRef,
  evicted: KubeObject,
  deadline: number,
  options: RestartOptions,
): Promise<void> {
  while (!options.signal.aborted) {
    const now = await readWorkload(kube, ref);
    if (now === undefined) return;
    const pods = podsOfWorkload(now.workload, now.replicaSets, now.pods).map(({ pod }) => pod);
    const gone = pods.every((pod) => uidOf(pod) !== uidOf(evicted));
    if (gone && isSettled(now.workload, pods)) return;
    if (Date.now() >= deadline) {
      throw new ToolError(
        `${displayName(refOf(evicted))} was restarted, and its successor is not ready in time`,
        {
          next: `kubectl describe ${displayName(ref)}`,
        },
      );
    }
    await sleep(INTERVAL_MS, undefined, { signal: options.signal }).catch(() => {});
  }
}
