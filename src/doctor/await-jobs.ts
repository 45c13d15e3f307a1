import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Repair } from '../model/findings/finding.ts';
import { endOfJob } from '../model/kubernetes/job.ts';
import { keyOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';

const INTERVAL_MS = 500;

/** The Jobs that a repair starts. */
export function jobsOf({ steps }: Repair): ObjectRef[] {
  return steps.flatMap((step) =>
    step.action === 'create' && step.object.kind === 'Job' ? [refOf(step.object)] : [],
  );
}

/**
 * Waits for Jobs to end, well or badly; one that is gone has ended.
 * @returns those that run on when time is up, or that can't be asked after.
 */
export async function awaitJobs(
  kube: KubeClient,
  jobs: readonly ObjectRef[],
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ObjectRef[]> {
  const running = new Map(jobs.map((ref) => [keyOf(ref), ref]));
  for (const deadline = Date.now() + timeoutMs; ; ) {
    for (const [key, ref] of running) if (await hasEnded(kube, ref)) running.delete(key);
    if (running.size === 0 || Date.now() >= deadline || signal.aborted) return [...running.values()];
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

async function hasEnded(kube: KubeClient, ref: ObjectRef): Promise<boolean> {
  try {
    const job = await kube.get(ref);
    return job === undefined || endOfJob(job) !== undefined;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return false;
  }
}
