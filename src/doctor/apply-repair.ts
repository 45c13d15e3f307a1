import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Repair, RepairStep } from '../model/findings/finding.ts';
import { displayName, type KubeObject, type ObjectRef, refOf, uidOf } from '../model/kubernetes/object.ts';
import { leftAfterWait } from '../restore/write/await-deletions.ts';
import { type Found, writeWithRetry } from '../restore/write/write-with-retry.ts';
import { stoppedAt } from './stopped-repair.ts';

/** What managedFields records for what doctor writes. */
const MANAGER = 'memcached-backup-doctor';
/** Longest wait for what was deleted to be gone, before something of its name is made, milliseconds. */
const GONE_MS = 30_000;

/** Restarts those of a workload's pods that have these uids; lives in src/restore. */
export type Restart = (ref: ObjectRef, uids: ReadonlySet<string>) => Promise<void>;

/**
 * Sends every step of a repair as a dry run. What follows a deletion of the same name, and evictions, can't be
 * tried. @throws ApiError with the server's refusal.
 */
export async function tryRepair(kube: KubeClient, { steps }: Repair): Promise<void> {
  const deletes = steps.some(({ action }) => action === 'delete');
  for (const step of steps) {
    if (step.action === 'restart' || (step.action === 'create' && deletes)) continue;
    await send(kube, step, true);
  }
}

/**
 * Carries a repair out, step by step; an interruption ends no repair between two steps, while the server answers.
 * @throws ToolError of the step that failed; StoppedRepair where something was done by then, or may have been.
 */
export async function applyRepair(
  kube: KubeClient,
  repair: Repair,
  { restart, signal }: { restart: Restart; signal: AbortSignal },
): Promise<void> {
  for (const [index, step] of repair.steps.entries()) {
    const before = repair.steps[index - 1];
    try {
      if (step.action === 'restart') await restart(step.ref, new Set(step.pods.map(({ uid }) => uid)));
      else if (step.action === 'create' && before?.action === 'delete')
        await makeAgain(kube, step.object, before, signal);
      else await send(kube, step, false);
    } catch (error) {
      throw error instanceof ToolError ? stoppedAt(repair, index, error) : error;
    }
  }
}

async function send(
  kube: KubeClient,
  step: Exclude<RepairStep, { action: 'restart' }>,
  dryRun: boolean,
): Promise<void> {
  const options = { fieldManager: MANAGER, dryRun };
  switch (step.action) {
    case 'create':
      await kube.create(step.object, options);
      return;
    case 'patch':
      await kube.patch(step.ref, step.operations, options);
      return;
    case 'delete': {
      const { ref, uid, resourceVersion } = step;
      await kube.delete(ref, { uid, dryRun, ...(resourceVersion === undefined ? {} : { resourceVersion }) });
    }
  }
}

/**
 * Makes what was deleted again, once it is gone: whoever deletes it has to, so it is not sent only once. Where there is
 * another one meanwhile, it is made; a second look tells whether that mends anything.
 */
async function makeAgain(
  kube: KubeClient,
  object: KubeObject,
  { ref, uid }: { ref: ObjectRef; uid: string },
  signal: AbortSignal,
): Promise<void> {
  const left = await leftAfterWait(kube, ref, uid, { timeoutMs: GONE_MS, signal });
  if (left !== undefined) throw new ToolError(`${displayName(ref)} is still being deleted`);
  const look = async (): Promise<Found<KubeObject>> => {
    const there = await kube.get(refOf(object));
    return there !== undefined && uidOf(there) !== uid ? { is: 'done', answer: there } : { is: 'not done' };
  };
  await writeWithRetry(() => kube.create(object, { fieldManager: MANAGER }), look);
}
