import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { stringAt } from '../../model/json/json.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../../model/kubernetes/object.ts';
import { neverReadyPods } from '../../model/kubernetes/stuck-pods.ts';
import { isPodReady, isSeenByController, podsOfWorkload } from '../../model/kubernetes/workload.ts';
import type { StuckPod } from '../../model/plan/plan.ts';
import type { Wait } from '../../output/io.ts';
import { writeWithRetry } from '../write/write-with-retry.ts';
import { blockingReasons } from './blocking-reasons.ts';
import { readWorkload } from './read-workload.ts';
import type { RolloutOutcome, WaitOptions } from './wait.ts';

export interface ReplaceOptions extends WaitOptions {
  /** Told of each pod that was deleted. */
  onDeleted(pod: ObjectRef): void;
}

const INTERVAL_MS = 300;

/**
 * Deletes the pods that a plan found stuck, one by one, each once its StatefulSet's new template is there and only if
 * it still is what it was found to be: never ready, and of another template. What was ready once stays.
 * @returns where it stood when a successor was not ready, or a pod could not be deleted, until the deadline;
 * undefined where neither was, also where it was interrupted.
 */
export async function replaceStuckPods(
  kube: KubeClient,
  stuck: readonly StuckPod[],
  given: ReplaceOptions,
): Promise<RolloutOutcome | undefined> {
  const wait: Wait = { since: Date.now(), limitMs: given.timeoutMs };
  const options: ReplaceOptions = { ...given, onProgress: (line) => given.onProgress(line, wait) };
  const deadline = wait.since + wait.limitMs;
  for (const [index, { ref, workload }] of stuck.entries()) {
    const deleted = await deleteStuck(kube, { ref, workload }, deadline, options);
    if (deleted === undefined || options.signal.aborted) continue;
    if ('ref' in deleted) return deleted;
    options.onDeleted(ref);
    // The last one is waited for with all the others.
    const next = stuck[index + 1];
    if (next === undefined || keyOf(next.workload) !== keyOf(workload)) continue;
    const late = await waitForSuccessor(kube, { ref, workload, uid: deleted.uid }, deadline, options);
    if (late !== undefined) return late;
  }
  return undefined;
}

/** @returns the uid of what was deleted; undefined where there was nothing to delete (any more). */
async function deleteStuck(
  kube: KubeClient,
  { ref, workload }: Pick<StuckPod, 'ref' | 'workload'>,
  deadline: number,
  { signal, onProgress }: ReplaceOptions,
): Promise<{ uid: string } | RolloutOutcome | undefined> {
  while (!signal.aborted) {
    const now = await readWorkload(kube, workload);
    if (now === undefined) return undefined;
    if (isSeenByController(now.workload)) {
      const pods = podsOfWorkload(now.workload, now.replicaSets, now.pods);
      const found = neverReadyPods(now.workload, pods).find(
        ({ pod, current }) => !current && keyOf(refOf(pod)) === keyOf(ref),
      );
      if (found === undefined) return undefined;
      onProgress(`deleting ${displayName(ref)}, which never became ready`);
      const refusal = await deleteAsRead(kube, found.pod);
      if (refusal === undefined) return { uid: uidOf(found.pod)! };
      // The kubelet writes its status all the time; who may not delete it is not asked again.
      if (refusal.status !== 409) return unfinished(workload, ref, 'could not be deleted', [refusal.message]);
    }
    if (Date.now() >= deadline) {
      return unfinished(workload, ref, 'could not be deleted in time', blockingReasons(now));
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

/** Deletes a pod only as it was read. @returns why the server refused it. */
async function deleteAsRead(kube: KubeClient, pod: KubeObject): Promise<ApiError | undefined> {
  const resourceVersion = stringAt(pod, 'metadata', 'resourceVersion') ?? '';
  try {
    await writeWithRetry(() => kube.delete(refOf(pod), { uid: uidOf(pod)!, resourceVersion }));
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 403)) throw error;
    return error;
  }
}

async function waitForSuccessor(
  kube: KubeClient,
  { ref, workload, uid }: Pick<StuckPod, 'ref' | 'workload'> & { uid: string },
  deadline: number,
  { signal }: ReplaceOptions,
): Promise<RolloutOutcome | undefined> {
  while (!signal.aborted) {
    const now = await readWorkload(kube, workload);
    if (now === undefined) return undefined;
    const isThere = now.pods.some(
      (pod) => keyOf(refOf(pod)) === keyOf(ref) && uidOf(pod) !== uid && isPodReady(pod),
    );
    if (isThere) return undefined;
    if (Date.now() >= deadline) {
      return unfinished(
        workload,
        ref,
        'was deleted, and its successor is not ready in time',
        blockingReasons(now),
      );
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

function unfinished(ref: ObjectRef, pod: ObjectRef, what: string, reasons: string[]): RolloutOutcome {
  return {
    ref,
    done: false,
    message: `${displayName(ref)}: ${displayName(pod)} ${what}`,
    obstacles: reasons,
  };
}
