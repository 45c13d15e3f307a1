import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { writingManager } from '../model/field-ownership.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, uidOf } from '../model/object.ts';
import type { Plan, PlannedObject } from '../model/plan.ts';
import { isWorkload } from '../model/workload.ts';
import { creationForm, replacementForm } from '../model/write-form.ts';
import { despiteConflicts } from './despite-conflicts.ts';
import { HELM_MANAGER, isAutoscaled } from './dry-run.ts';
import { isAsMeant, sameButReplicas, writtenDigest } from './essence.ts';
import { giveOwnershipBack } from './give-ownership-back.ts';
import { type Found, insist, leavesOpen } from './insist.ts';
import { readAgain } from './read-again.ts';
import type { RestoreSource, SourceObject } from './source.ts';

/** One object that was written. */
export interface Applied {
  action: 'create' | 'replace' | 'recreate' | 'delete';
  ref: ObjectRef;
  /** uid of what is there now; absent after a deletion. */
  uid?: string;
  /** {@link writtenDigest} of what is there now. */
  wrote?: string;
}

export interface ApplyContext {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
  /** Awaited before each write: what is about to be done is on disk first. */
  onWill(planned: PlannedObject): Promise<void>;
  /** Awaited after each write. */
  onApplied(applied: Applied): Promise<void>;
  /** Awaited where nothing came of it: the object is as it was. */
  onRefused(planned: PlannedObject): Promise<void>;
  /** Checked between objects: the object in hand is always finished. */
  signal: AbortSignal;
}

/** Longest wait for a deleted object to be gone before it is made again, in milliseconds. */
const DELETION_DEADLINE_MS = 120_000;

/**
 * Writes what the plan says, object by object, in install order; deletions come last. Each object is exact
 * when its turn is over: the fields as they were, and every field owned by whoever owned it.
 * @throws ToolError naming the object at which it stopped. What was applied before stays and was reported.
 */
export async function applyPlan(plan: Plan, context: ApplyContext): Promise<void> {
  for (const planned of plan.objects) {
    if (planned.action === 'keep' || planned.action === 'restart') continue;
    if (context.signal.aborted) return;
    await context.onWill(planned);
    const written = await writeObject(planned, context).catch(async (error: unknown) => {
      if (error instanceof NotWritten) await context.onRefused(planned);
      throw error instanceof NotWritten ? error.cause : error;
    });
    const { action, ref } = planned;
    const uid = written === undefined ? undefined : uidOf(written);
    await context.onApplied({
      action,
      ref,
      ...(uid === undefined ? {} : { uid }),
      ...(written === undefined ? {} : { wrote: writtenDigest(written) }),
    });
    // Only now: what somebody changes from here on is told apart from what was written.
    if (written !== undefined) await giveOwnershipBack(context.kube, sourceOf(planned, context), written);
  }
}

/** @returns the object as written; undefined after a deletion. */
async function writeObject(planned: PlannedObject, context: ApplyContext): Promise<KubeObject | undefined> {
  const { kube, live } = context;
  const current = live.find(planned.ref);
  if (planned.action === 'delete') {
    await firstWrite(deleteObject(kube, planned.ref, current!, 'Background'));
    return undefined;
  }
  const object = sourceOf(planned, context);
  if (planned.action === 'recreate') {
    const propagation = isWorkload(current!) ? 'Foreground' : 'Background';
    await firstWrite(deleteObject(kube, planned.ref, current!, propagation));
    await waitUntilGone(kube, planned.ref, uidOf(current!)!);
  }
  if (planned.action === 'replace') return firstWrite(replaceObject(object, current!, context));
  return planned.action === 'create' ? firstWrite(createObject(object, kube)) : createObject(object, kube);
}

function sourceOf({ ref }: PlannedObject, { source }: ApplyContext): SourceObject {
  return source.objects.find((object) => keyOf(object.ref) === keyOf(ref))!;
}

/** Nothing came of the first write to an object, for the reason that is its cause. */
class NotWritten extends Error {}

/** Tells whether a first write that failed left the object as it was. */
async function firstWrite<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw leavesOpen(error) || !(error instanceof ToolError)
      ? error
      : new NotWritten('not written', { cause: error });
  }
}

function createObject(object: SourceObject, kube: KubeClient): Promise<KubeObject> {
  const options = { fieldManager: writingManager(object.raw, HELM_MANAGER) };
  return insist(
    () => kube.create(creationForm(object.raw), options),
    async (): Promise<Found<KubeObject>> => {
      const current = await kube.get(object.ref);
      if (current === undefined) return { is: 'not done' };
      return isAsMeant(current, object.raw, false)
        ? { is: 'done', answer: current }
        : { is: 'something else' };
    },
  );
}

/** PUT over the live object. */
function replaceObject(
  object: SourceObject,
  planned: KubeObject,
  context: ApplyContext,
): Promise<KubeObject> {
  const { kube, source, live } = context;
  const autoscaled = isAutoscaled(object.raw, source, live);
  const options = { fieldManager: writingManager(object.raw, HELM_MANAGER) };
  let current = planned;
  const look = async (): Promise<Found<KubeObject>> => {
    current = await readAgain(kube, object.ref);
    if (isAsMeant(current, object.raw, autoscaled)) return { is: 'done', answer: current };
    return { is: sameButReplicas(current, planned, autoscaled) ? 'not done' : 'something else' };
  };
  const write = () => kube.replace(replacementForm(object.raw, current, autoscaled), options);
  return insist(() => despiteConflicts(object.ref, write, look, isConflict), look);
}

/** 422 from a PUT is none: the server finds the object invalid. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

async function deleteObject(
  kube: KubeClient,
  ref: ObjectRef,
  current: KubeObject,
  propagation: 'Background' | 'Foreground',
): Promise<void> {
  await insist(() => kube.delete(ref, { uid: uidOf(current)!, propagation }));
}

/** Not to be interrupted: an object that is deleted is made again before anything else. */
async function waitUntilGone(kube: KubeClient, ref: ObjectRef, uid: string): Promise<void> {
  const deadline = Date.now() + DELETION_DEADLINE_MS;
  while (Date.now() < deadline) {
    const current = await kube.get(ref);
    if (current === undefined || uidOf(current) !== uid) return;
    await sleep(200);
  }
  throw new ToolError(`${displayName(ref)} is still being deleted after ${DELETION_DEADLINE_MS / 1000} s`, {
    next: `see what holds it: kubectl get ${displayName(ref)} -o jsonpath='{.metadata.finalizers}', then restore again`,
  });
}
