import { type Advice, advice } from '../advice/advice.ts';
import { kubectl } from '../advice/command.ts';
import { ToolError, UnreachableError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type JsonObject, objectAt } from '../model/json/json.ts';
import { fieldChanges, shortValue } from '../model/kubernetes/field-changes.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  nameOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../model/kubernetes/object.ts';
import {
  drillCronJobRef,
  drillObjectsThatCanBe,
  isOfSchedule,
  objectsThatCanBe,
  type ScheduleObject,
  scheduleObjects,
} from '../model/schedule/schedule-objects.ts';
import type { ScheduleSpec } from '../model/schedule/schedule-spec.ts';
import { drillsOf } from '../model/schedule/scheduled-drill.ts';

/** Whose fields a schedule's objects are: server-side apply takes away what a later install does not say any more. */
export const FIELD_MANAGER = 'memcached-backup-schedule';

/** What is to become of one object. */
export interface PlannedScheduleObject extends Pick<ScheduleObject, 'why' | 'role'> {
  ref: ObjectRef;
  /** skip: it is optional, and we may not write it; `because` says so. */
  action: 'create' | 'change' | 'keep' | 'delete' | 'skip';
  /** What would be applied; of one that is deleted, what is there. */
  object: KubeObject;
  /** What is there; absent where it is to be made, and of one that may not be looked at. */
  live?: KubeObject;
  /** One line a field. */
  changes: string[];
  because?: string;
}

/** The API server refused an object of a schedule in a dry run. */
export class ScheduleRefused extends ToolError {}

/**
 * What an install would do, by the answers of the API server to dry runs: what it refuses is known before anything is
 * written, and what it fills in is no change. Writes nothing.
 * @throws ToolError where an object of that name is somebody else's; ScheduleRefused; UnreachableError.
 */
export async function planSchedule(spec: ScheduleSpec, kube: KubeClient): Promise<PlannedScheduleObject[]> {
  const wanted = scheduleObjects(spec);
  const planned: PlannedScheduleObject[] = [];
  for (const each of wanted) planned.push(await planObject(each, spec, { kube, planned }));
  const { name, isOurs } = spec.account;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: spec.namespace, name };
  // An account that --service-account names stays, also where an install of this name made it.
  const needed = [...wanted.map(({ object }) => refOf(object)), ...(isOurs ? [] : [account])];
  const known = new Set(needed.map(keyOf));
  const canBe = [...objectsThatCanBe(spec), ...(await drillObjectsThere(spec, kube))];
  for (const ref of canBe.filter((ref) => !known.has(keyOf(ref)))) {
    const object = await orNotSeen(kube.get(ref));
    if (object === undefined || !isOfSchedule(object, spec.name)) continue;
    planned.push({ ref, action: 'delete', object, changes: [], why: 'this schedule needs it no more' });
  }
  return planned;
}

/** What the drills of an install before this one needed; none where it held none. */
async function drillObjectsThere(spec: ScheduleSpec, kube: KubeClient): Promise<ObjectRef[]> {
  const cronJob = await orNotSeen(kube.get(drillCronJobRef(spec)));
  if (cronJob === undefined || !isOfSchedule(cronJob, spec.name)) return [];
  return drillObjectsThatCanBe(spec, drillsOf(cronJob).into);
}

async function planObject(
  { object, why, optional, role }: ScheduleObject,
  spec: ScheduleSpec,
  { kube, planned }: { kube: KubeClient; planned: readonly PlannedScheduleObject[] },
): Promise<PlannedScheduleObject> {
  const ref = refOf(object);
  const known = { ref, object, why, ...(role === undefined ? {} : { role }) };
  try {
    const live = await assertOurs(ref, spec, kube);
    const expected = await kube.apply(object, { fieldManager: FIELD_MANAGER, dryRun: true });
    if (live === undefined) return { ...known, action: 'create', changes: [] };
    const changes = fieldChanges(comparable(live), comparable(expected)).map(
      ({ path, from, to }) => `${path}: ${shortValue(from)} → ${shortValue(to)}`,
    );
    return { ...known, live, action: changes.length === 0 ? 'keep' : 'change', changes };
  } catch (error) {
    if (!(error instanceof ApiError) || error instanceof UnreachableError) throw error;
    if (isBoundInPlan(ref, error, planned) || isInPlannedNamespace(ref, error, planned))
      return { ...known, action: 'create', changes: [] };
    if (optional && error.status === 403)
      return { ...known, action: 'skip', changes: [], because: error.message };
    throw new ScheduleRefused(`the API server refuses ${displayName(ref)}: ${error.message}`, {
      cause: error,
      untouched: 'nothing was changed',
      ...nextAfter(error, ref),
    });
  }
}

function nextAfter({ status, serverMessage }: ApiError, { namespace }: ObjectRef): { next?: Advice } {
  if (status === 403)
    return {
      next: 'the same flags with "schedule render" in the place of "schedule install" print the objects, for somebody who may apply them',
    };
  // In the words of its admission plugin (k8s.io/apiserver, NamespaceLifecycle).
  if (status === 404 && namespace !== undefined && serverMessage === `namespaces "${namespace}" not found`)
    return { next: advice`another -n, or ${kubectl('create', 'namespace', namespace)}` };
  return {};
}

/** A binding's dry run looks for its role, which the plan makes and no dry run has made. */
function isBoundInPlan(
  { kind, namespace, name }: ObjectRef,
  error: ApiError,
  planned: readonly PlannedScheduleObject[],
): boolean {
  return (
    /Binding$/.test(kind) &&
    error.status === 404 &&
    planned.some(
      ({ ref, action }) =>
        action === 'create' &&
        ref.kind === kind.replace('Binding', '') &&
        ref.name === name &&
        ref.namespace === namespace,
    )
  );
}

/** Into a namespace that the plan makes, and no dry run has made, nothing can be tried. */
function isInPlannedNamespace(
  { namespace }: ObjectRef,
  { status }: ApiError,
  planned: readonly PlannedScheduleObject[],
): boolean {
  return (
    status === 404 &&
    namespace !== undefined &&
    planned.some(
      ({ ref, action }) => action === 'create' && ref.kind === 'Namespace' && ref.name === namespace,
    )
  );
}

/** Without what the server itself writes at each turn. */
function comparable(object: KubeObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = { ...objectAt(object, 'metadata') };
  for (const field of ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp'])
    delete metadata[field];
  return { ...rest, metadata };
}

/** @returns what is there. @throws ToolError where that is somebody else's. */
async function assertOurs(
  ref: ObjectRef,
  spec: ScheduleSpec,
  kube: KubeClient,
): Promise<KubeObject | undefined> {
  const live = await kube.get(ref);
  if (live !== undefined && !isOfSchedule(live, spec.name)) throw notOurs(ref, spec);
  return live;
}

function notOurs(ref: ObjectRef, { name, namespace }: ScheduleSpec): ToolError {
  const where = ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`;
  const next =
    ref.kind === 'CronJob'
      ? `another --name; or, where it is to be replaced: the same command with --replace ${name}`
      : 'another --name';
  return new ToolError(
    `${displayName(ref)}${where} is there already, and is not of the schedule ${name} of namespace ${namespace}: it lacks its labels`,
    { untouched: 'nothing was changed', next },
  );
}

/** Undefined also where we may not look: then it can't have been us. */
async function orNotSeen(got: Promise<KubeObject | undefined>): Promise<KubeObject | undefined> {
  try {
    return await got;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/**
 * Does what was planned, in its order; an object of the schedule that is there becomes as it is to be, whoever wrote its fields.
 * @param spec what the plan was made of.
 * @param onWritten told after each object.
 * @throws ToolError naming the object at which it ended, which may be somebody else's by now: those before it are written, and
 * the same command completes it.
 */
export async function applySchedule(
  planned: readonly PlannedScheduleObject[],
  kube: KubeClient,
  {
    spec,
    signal,
    onWritten,
  }: { spec: ScheduleSpec; signal: AbortSignal; onWritten: (planned: PlannedScheduleObject) => void },
): Promise<void> {
  for (const each of planned) {
    if (each.action === 'keep' || each.action === 'skip') continue;
    signal.throwIfAborted();
    try {
      if (each.action === 'delete') {
        const uid = uidOf(each.object);
        if (uid !== undefined) await kube.delete(each.ref, { uid });
      } else {
        // The answer to the question may have taken its time.
        await assertOurs(each.ref, spec, kube);
        await kube.apply(each.object, { fieldManager: FIELD_MANAGER });
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw new ToolError(
        `${displayName(each.ref)} could not be ${each.action === 'delete' ? 'deleted' : 'written'}: ${error.message}`,
        {
          cause: error,
          next: `the same command again: what is written by now (${writtenBefore(each, planned)}) stays`,
        },
        error.exitCode,
      );
    }
    onWritten(each);
  }
}

function writtenBefore(each: PlannedScheduleObject, planned: readonly PlannedScheduleObject[]): string {
  const before = planned.slice(0, planned.indexOf(each)).filter(({ action }) => action !== 'skip');
  return before.length === 0
    ? 'nothing'
    : before.map(({ object }) => `${String(object.kind)} ${nameOf(object)}`).join(', ');
}
