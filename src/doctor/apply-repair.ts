import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.ts';
import type { Repair, RepairStep } from '../model/finding.ts';
import { type ObjectRef, uidOf } from '../model/object.ts';

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

/** Carries a repair out, step by step. @throws ApiError; the steps before the one that failed are done. */
export async function applyRepair(kube: KubeClient, { steps }: Repair, restart: Restart): Promise<void> {
  for (const step of steps) {
    if (step.action === 'restart') await restart(step.ref, new Set(step.pods.map(({ uid }) => uid)));
    else await send(kube, step, false);
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
      if (!dryRun) await waitUntilGone(kube, ref, uid);
    }
  }
}

async function waitUntilGone(kube: KubeClient, ref: ObjectRef, uid: string): Promise<void> {
  for (const deadline = Date.now() + GONE_MS; Date.now() < deadline; await sleep(200)) {
    const current = await kube.get(ref);
    if (current === undefined || uidOf(current) !== uid) return;
  }
}
