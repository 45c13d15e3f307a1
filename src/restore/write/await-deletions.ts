import { setTimeout as sleep } from 'node:timers/promises';
import { advice } from '../../advice/advice.ts';
import { kubectl } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { holdsText, isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { displayName, type KubeObject, type ObjectRef, refOf, uidOf } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';

const INTERVAL_MS = 200;
/** After an interruption: the greater part of what requests have left (kube/cutoff.ts) is for making it again. */
const LEFT_MS = 1_000;

/** The objects of a plan that are made again once they are gone: somebody else deleted them. */
export function deletionsToAwait({ objects }: Plan, live: LiveRelease): KubeObject[] {
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    return action === 'create' && current !== undefined && isBeingDeleted(current) ? [current] : [];
  });
}

/** Waits for them, before anything is written. @throws ToolError as {@link waitUntilDeleted}. */
export async function awaitDeletions(
  kube: KubeClient,
  plan: Plan,
  live: LiveRelease,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const going = deletionsToAwait(plan, live);
  await Promise.all(
    going.map((object) =>
      waitUntilDeleted(kube, refOf(object), uidOf(object)!, { timeoutMs: deadline - Date.now() }),
    ),
  );
}

export interface DeletionWait {
  /** How long it may take. */
  timeoutMs: number;
  /** Ctrl-C, SIGTERM or the loss of the Lease: what goes within {@link LEFT_MS} after it is still waited for. */
  signal?: AbortSignal;
}

/**
 * Waits until what was deleted is gone.
 * @returns false where the signal came, and the object had not gone soon after it.
 * @throws ToolError naming what holds the object, where it is not gone in time.
 */
export async function waitUntilDeleted(
  kube: KubeClient,
  ref: ObjectRef,
  uid: string,
  options: DeletionWait,
): Promise<boolean> {
  const left = await leftAfterWait(kube, ref, uid, options);
  if (left === undefined) return true;
  if (options.signal?.aborted === true) return false;
  throw stillThere(left, options.timeoutMs);
}

/** Waits until what was deleted is gone. @returns the object where it is still there when the time is over. */
export async function leftAfterWait(
  kube: KubeClient,
  ref: ObjectRef,
  uid: string,
  { timeoutMs, signal }: DeletionWait,
): Promise<KubeObject | undefined> {
  let deadline = Date.now() + timeoutMs;
  const hurry = (): void => {
    deadline = Math.min(deadline, Date.now() + LEFT_MS);
  };
  if (signal?.aborted === true) hurry();
  signal?.addEventListener('abort', hurry, { once: true });
  try {
    for (;;) {
      const current = await kube.get(ref);
      if (current === undefined || uidOf(current) !== uid) return undefined;
      if (Date.now() >= deadline) return current;
      await sleep(INTERVAL_MS);
    }
  } finally {
    signal?.removeEventListener('abort', hurry);
  }
}

function stillThere(object: KubeObject, timeoutMs: number): ToolError {
  const ref = refOf(object);
  const name = displayName(ref);
  const holds = holdsText(object);
  const after = `${name} is still being deleted after ${Math.round(timeoutMs / 100) / 10} s`;
  return new ToolError(holds === undefined ? after : `${after}: ${holds}`, {
    next: advice`see what holds it: ${kubectl('get', name, '-n', ref.namespace ?? '', '-o', "jsonpath='{.metadata.finalizers}'")}; once it is gone, run the same command again`,
  });
}
