import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError, UnreachableError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { ownershipToGiveBack, writingManager } from '../model/field-ownership.ts';
import { essenceDigest } from '../model/journal.ts';
import { type JsonObject, jsonEqual, stringAt } from '../model/json.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, uidOf } from '../model/object.ts';
import type { Plan, PlannedObject } from '../model/plan.ts';
import { isWorkload } from '../model/workload.ts';
import { creationForm, replacementForm, unbound } from '../model/write-form.ts';
import { HELM_MANAGER, isAutoscaled } from './dry-run.ts';
import { comparable } from './plan.ts';
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

/** How often a write is tried again after a conflict in which nobody changed what matters. */
const MAX_CONFLICTS = 10;
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
    const written = await applyObject(planned, context).catch(async (error: unknown) => {
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
  }
}

/** Tells whether an object still is what a restore wrote: replicas and what controllers write don't count. */
export function writtenDigest(object: KubeObject): string {
  return essenceDigest(essence(object, true));
}

/** @returns the object as written; undefined after a deletion. */
async function applyObject(planned: PlannedObject, context: ApplyContext): Promise<KubeObject | undefined> {
  const { kube, live } = context;
  const current = live.find(planned.ref);
  if (planned.action === 'delete') {
    await firstWrite(deleteObject(kube, planned.ref, current!, 'Background'));
    return undefined;
  }
  const object = context.source.objects.find(({ ref }) => keyOf(ref) === keyOf(planned.ref))!;
  if (planned.action === 'recreate') {
    const propagation = isWorkload(current!) ? 'Foreground' : 'Background';
    await firstWrite(deleteObject(kube, planned.ref, current!, propagation));
    await waitUntilGone(kube, planned.ref, uidOf(current!)!);
  }
  const written =
    planned.action === 'replace'
      ? await firstWrite(replaceObject(object, current!, context))
      : planned.action === 'create'
        ? await firstWrite(createObject(object, kube))
        : await createObject(object, kube);
  await giveOwnershipBack(kube, object, written);
  return written;
}

/** Nothing came of the first write to an object, for the reason that is its cause. */
class NotWritten extends Error {}

/**
 * Tells whether a first write that failed left the object as it was. A server that breaks down (5xx), or that is
 * not heard any more, may have written all the same.
 */
async function firstWrite<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const isUnknown = error instanceof UnreachableError || (error instanceof ApiError && error.status >= 500);
    throw isUnknown || !(error instanceof ToolError)
      ? error
      : new NotWritten('not written', { cause: error });
  }
}

function createObject(object: SourceObject, kube: KubeClient): Promise<KubeObject> {
  return kube.create(creationForm(object.raw), { fieldManager: writingManager(object.raw, HELM_MANAGER) });
}

/**
 * PUT over the live object. A conflict is ordinary, because controllers write status all the time: the
 * object is read again, and only if somebody changed more than that does the restore stop.
 */
async function replaceObject(
  object: SourceObject,
  planned: KubeObject,
  context: ApplyContext,
): Promise<KubeObject> {
  const { kube, source, live } = context;
  const autoscaled = isAutoscaled(object.raw, source, live);
  const options = { fieldManager: writingManager(object.raw, HELM_MANAGER) };
  let current = planned;
  for (let attempt = 1; ; attempt++) {
    try {
      return await kube.replace(replacementForm(object.raw, current, autoscaled), options);
    } catch (error) {
      // 422 from a PUT is no conflict: the server finds the object invalid.
      const conflict = error instanceof ApiError && error.status === 409;
      if (!conflict || attempt === MAX_CONFLICTS) throw error;
      current = await readAgain(kube, object.ref);
      if (!sameButReplicas(current, planned, autoscaled)) throw movedUnderUs(object.ref);
    }
  }
}

/**
 * Puts metadata.managedFields back to the backup's entries. Without it the writer would co-own every field,
 * and Helm could never again remove one (Kubernetes, "Server-Side Apply": a field is removed when its last
 * owner lets go).
 */
async function giveOwnershipBack(kube: KubeClient, object: SourceObject, written: KubeObject): Promise<void> {
  const entries = ownershipToGiveBack(object.raw);
  if (entries.length === 0) return;
  let current = written;
  for (let attempt = 1; ; attempt++) {
    try {
      await kube.patch(
        object.ref,
        [
          {
            op: 'test',
            path: '/metadata/resourceVersion',
            value: stringAt(current, 'metadata', 'resourceVersion') ?? '',
          },
          { op: 'replace', path: '/metadata/managedFields', value: entries },
        ],
        { fieldManager: writingManager(object.raw, HELM_MANAGER) },
      );
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === MAX_CONFLICTS) throw error;
      current = await readAgain(kube, object.ref);
      if (!sameButReplicas(current, written, true)) throw movedUnderUs(object.ref);
    }
  }
}

/** A resourceVersion that moved under a patch: its test fails, which is 422, or the server meets a conflict. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 409 || error.status === 422);
}

async function readAgain(kube: KubeClient, ref: ObjectRef): Promise<KubeObject> {
  const current = await kube.get(ref);
  if (current === undefined) throw movedUnderUs(ref);
  return current;
}

/** Equal in all that people and Helm write; what controllers write may differ. */
function sameButReplicas(a: KubeObject, b: KubeObject, autoscaled: boolean): boolean {
  return jsonEqual(essence(a, autoscaled), essence(b, autoscaled));
}

function essence(object: KubeObject, withoutReplicas: boolean): JsonObject {
  const { spec, ...rest } = comparable(unbound(object));
  const { replicas, ...others } = (spec ?? {}) as JsonObject;
  return { ...rest, spec: withoutReplicas || replicas === undefined ? others : { ...others, replicas } };
}

function movedUnderUs(ref: ObjectRef): ToolError {
  return new ToolError(`${displayName(ref)} was changed by somebody else while the restore was writing it`, {
    untouched: 'this object has what somebody else wrote',
    next: 'look at it, then run the same restore again: it plans anew from what is there now',
  });
}

async function deleteObject(
  kube: KubeClient,
  ref: ObjectRef,
  current: KubeObject,
  propagation: 'Background' | 'Foreground',
): Promise<void> {
  await kube.delete(ref, { uid: uidOf(current)!, propagation });
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
