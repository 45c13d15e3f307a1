import type { RestoreSource, SourceObject } from '../../backup/source.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { leavesOpen } from '../../kube/leaves-open.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import type { OldAddress } from '../../model/forms/old-addresses.ts';
import { replacementForm } from '../../model/forms/write-form.ts';
import { objectAt, stringAt } from '../../model/json/json.ts';
import { heldBy } from '../../model/kubernetes/deletion.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, uidOf } from '../../model/kubernetes/object.ts';
import { isWorkload } from '../../model/kubernetes/workload.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import { whyNeverThere, whyNeverWritten } from '../../model/release/writable-object.ts';
import type { JournaledWrites, Trace } from '../journal/journaled-writes.ts';
import { isAutoscaled } from '../plan/dry-run.ts';
import { waitUntilDeleted } from './await-deletions.ts';
import { sameButReplicas, writtenDigest } from './comparable-form.ts';
import { becameOf, type Created, createObject, type LostAddress } from './create-object.ts';
import { giveOwnershipBack } from './give-ownership-back.ts';
import { movedUnderUs, readAgain } from './read-again.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { type Found, writeWithRetry } from './write-with-retry.ts';
import { isWrittenBy } from './written-by.ts';

/** One object that was written. */
export interface Applied {
  action: 'create' | 'replace' | 'recreate' | 'delete';
  ref: ObjectRef;
  /** uid of what is there now; absent after a deletion. */
  uid?: string;
  /** {@link writtenDigest} of what is there now. */
  wrote?: string;
  /** Of a Service that was created: the addresses that it has again; absent where there are none, as the next. */
  regained?: OldAddress[];
  /** Addresses that it could not get back, and what it has instead. */
  lost?: LostAddress[];
}

/** An object as it was written. */
type WrittenObject = Pick<Created, 'object'> & Partial<Created> & { isHeld?: boolean };

/** An object that is written for the time being; {@link writeOver} writes it as it is meant. */
export interface HeldObject {
  /** As the plan means it. */
  object: SourceObject;
  form: KubeObject;
  /** As it was written last. */
  written: KubeObject;
}

export interface ApplyContext {
  kube: KubeClient;
  source: RestoreSource;
  live: LiveRelease;
  /** Through which each write goes. */
  journaled: JournaledWrites;
  /** Awaited before each object. @throws where the restore has to stop: somebody else is at work. */
  mayGoOn(): Promise<void>;
  /** Told after each object. */
  onApplied(applied: Applied): void;
  /** What is written over an object for the time being, in the place of what the plan says; undefined: that is written. */
  heldForm?(object: SourceObject): KubeObject | undefined;
  /** Told of each object that was written so. */
  onHeld?(held: HeldObject): void;
  /** How long a deleted object may take to be gone before it is made again, milliseconds. */
  timeoutMs: number;
  /** Checked between objects: the object in hand is finished, unless it is deleted to be made again and does not go. */
  signal: AbortSignal;
}

/**
 * Writes what the plan says, object by object, in install order; deletions come last. Each object is exact
 * when its turn is over: the fields as they were, and every field owned by whoever owned it.
 * @throws ToolError naming the object at which it stopped. What was applied before stays and was reported.
 */
export async function applyPlan(plan: Plan, context: ApplyContext): Promise<void> {
  for (const planned of plan.objects) {
    if (planned.action === 'keep' || planned.action === 'restart') continue;
    if (context.signal.aborted) return;
    await context.mayGoOn();
    assertMayBeWritten(planned, context);
    const written = await writeObject(planned, context);
    if (written === 'not made again') return;
    const { action, ref } = planned;
    context.onApplied({
      action,
      ref,
      ...(written === undefined ? {} : { ...traceOf(written.object), ...addressesOf(written) }),
    });
    // Only now: what somebody changes from here on is told apart from what was written.
    // What is held belongs to whoever holds it.
    if (written !== undefined && written.isHeld !== true) {
      await giveOwnershipBack(
        context.kube,
        sourceOf(planned, context),
        written.object,
        context.journaled.manager,
      );
    }
  }
}

/** Whatever led here: the last look before the request. @throws ToolError for what no restore ever writes. */
function assertMayBeWritten(planned: PlannedObject, context: ApplyContext): void {
  const { ref, action } = planned;
  const { namespaceName } = context.live;
  const why =
    action === 'delete'
      ? whyNeverThere(ref, namespaceName)
      : whyNeverWritten(sourceOf(planned, context).raw, namespaceName);
  if (why !== undefined) throw new ToolError(`${displayName(ref)} is never written: ${why}`);
}

/** @returns the object as written; undefined after a deletion; or that it was interrupted between the two. */
async function writeObject(
  planned: PlannedObject,
  context: ApplyContext,
): Promise<WrittenObject | 'not made again' | undefined> {
  const { kube, live } = context;
  const { action, ref } = planned;
  const current = live.find(ref);
  if (action === 'delete') {
    await deleteObject(ref, current!, 'Background', context);
    // What a finalizer holds is not deleted for having been told to go.
    if (heldBy(current!).length > 0) await waitUntilDeleted(kube, ref, uidOf(current!)!, context);
    return undefined;
  }
  const object = sourceOf(planned, context);
  if (action === 'replace') {
    const form = context.heldForm?.(object);
    const written = await writeOver({ ref, raw: form ?? object.raw }, current!, context);
    if (form !== undefined) context.onHeld?.({ object, form, written });
    return { object: written, isHeld: form !== undefined };
  }
  if (action === 'recreate') {
    const propagation = isWorkload(current!) ? 'Foreground' : 'Background';
    if (!(await deleteObject(ref, current!, propagation, context))) throw movedUnderUs(ref);
    // Whoever interrupts it has what is deleted made again, unless it does not go.
    if (!(await waitUntilDeleted(kube, ref, uidOf(current!)!, context))) return 'not made again';
  }
  return makeObject(object, context);
}

function addressesOf({ regained = [], lost = [] }: WrittenObject): Pick<Applied, 'regained' | 'lost'> {
  return { ...(regained.length === 0 ? {} : { regained }), ...(lost.length === 0 ? {} : { lost }) };
}

/** What tells later whether an object still is what was written. */
function traceOf(written: KubeObject): Trace {
  const uid = uidOf(written);
  return { ...(uid === undefined ? {} : { uid }), wrote: writtenDigest(written) };
}

function sourceOf({ ref }: PlannedObject, { source }: ApplyContext): SourceObject {
  return source.objects.find((object) => keyOf(object.ref) === keyOf(ref))!;
}

async function makeObject(
  object: SourceObject,
  { kube, source, journaled }: ApplyContext,
): Promise<WrittenObject> {
  const { ref, raw } = object;
  const options = { fieldManager: journaled.manager };
  const look = async (): Promise<Found<KubeObject>> => {
    const current = await kube.get(ref);
    if (current === undefined) return { is: 'not done' };
    const isOurs = isWrittenBy(current, { by: journaled.manager, meant: raw });
    return isOurs ? { is: 'done', answer: current } : { is: 'something else' };
  };
  let refused: LostAddress[] = [];
  const post = async (): Promise<KubeObject> => {
    const created = await createObject(raw, source, (form) => kube.create(form, options));
    refused = created.lost;
    return created.object;
  };
  const create = () => writeWithRetry(post, look);
  const made = await journaled.write({ action: 'create', ref, meant: raw }, create, traceOf);
  return { object: made, ...becameOf(raw, source, made, refused) };
}

/**
 * PUT over the live object.
 * @param planned as it was when that was decided.
 * @throws ToolError where somebody changed it since.
 */
export function writeOver(
  object: Pick<SourceObject, 'ref' | 'raw'>,
  planned: KubeObject,
  { kube, source, live, journaled }: Pick<ApplyContext, 'kube' | 'source' | 'live' | 'journaled'>,
): Promise<KubeObject> {
  const { ref, raw } = object;
  const autoscaled = isAutoscaled(raw, source, live);
  const options = { fieldManager: journaled.manager };
  let current = planned;
  const look = async (): Promise<Found<KubeObject>> => {
    current = await readAgain(kube, ref);
    if (uidOf(current) !== uidOf(planned)) return { is: 'something else' };
    // Where nothing but its owners differs, the write changes nothing, and the server names nobody for it.
    if (sameButReplicas(current, planned, autoscaled)) return { is: 'not done' };
    const isOurs = isWrittenBy(current, { by: journaled.manager, meant: raw });
    return isOurs ? { is: 'done', answer: current } : { is: 'something else' };
  };
  const write = () => kube.replace(replacementForm(raw, current, autoscaled), options);
  const replace = () => writeWithRetry(() => retryOnConflict(ref, write, look, isConflict), look);
  return journaled.write({ action: 'replace', ref, meant: raw }, replace, traceOf);
}

/** 422 from a PUT is none: the server finds the object invalid. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

/**
 * Deletes an object as it was planned: one that somebody changed since is theirs.
 * @returns false where somebody else had deleted it.
 */
async function deleteObject(
  ref: ObjectRef,
  planned: KubeObject,
  propagation: 'Background' | 'Foreground',
  { kube, journaled }: ApplyContext,
): Promise<boolean> {
  const uid = uidOf(planned)!;
  let current = planned;
  let isLost = false;
  const look = async (): Promise<Found<boolean>> => {
    const there = await kube.get(ref);
    const isGoing = there !== undefined && objectAt(there, 'metadata')?.deletionTimestamp !== undefined;
    if (there === undefined || uidOf(there) !== uid || (isLost && isGoing))
      return { is: 'done', answer: isLost };
    if (!sameButReplicas(there, planned, true)) return { is: 'something else' };
    current = there;
    return { is: 'not done' };
  };
  const remove = async (): Promise<boolean> => {
    const resourceVersion = stringAt(current, 'metadata', 'resourceVersion') ?? '';
    try {
      return (await kube.delete(ref, { uid, resourceVersion, propagation })) || isLost;
    } catch (error) {
      isLost ||= leavesOpen(error);
      throw error;
    }
  };
  const removing = () => writeWithRetry(() => retryOnConflict(ref, remove, look, isConflict), look);
  return journaled.write({ action: 'delete', ref }, removing, (isOurs) => (isOurs ? {} : undefined));
}
