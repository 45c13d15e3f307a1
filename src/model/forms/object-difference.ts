import { isObject, type Json, type JsonObject, jsonEqual, objectAt } from '../json/json.ts';
import { type FieldChange, fieldChanges } from '../kubernetes/field-changes.ts';
import { groupOf, type KubeObject, keyOf, type ObjectRef } from '../kubernetes/object.ts';
import { isScaledBy, isWorkload } from '../kubernetes/workload.ts';
import type { Role } from '../records/backup-format.ts';
import { withSecretDigests } from '../secrets/secret-digest.ts';
import { clean } from './clean.ts';

/** An object of a release, as one side of a comparison has it. */
export interface SideObject {
  ref: ObjectRef;
  /** Owned or referenced: recorded objects are not compared. */
  role: Role;
  /** "manifest", "hook", … as in a backup. */
  from: string;
  object: KubeObject;
}

/** The objects of one side. */
export interface ObjectSide {
  objects: SideObject[];
  /** Whether the side has the object in any role. */
  has(ref: ObjectRef): boolean;
  find(ref: ObjectRef): KubeObject | undefined;
  /** HPAs that are not of the release and may drive its workloads. */
  otherScalers: KubeObject[];
  /** Whether objects of this kind could not be read: one that was not found may still exist. */
  isUnread(ref: ObjectRef): boolean;
}

export interface ObjectDifference {
  ref: ObjectRef;
  role: Role;
  /** "missing" and "added" are seen from the first side, the backup. */
  change: 'missing' | 'added' | 'changed';
  /** Both forms of a changed object: clean, keys sorted, digests in place of secrets. */
  before?: KubeObject;
  after?: KubeObject;
  fields: FieldChange[];
}

/**
 * What differs between two sides, object by object: what people wrote, not what the server did.
 * @param expected what the first side's objects would become on the second's server, by key (a dry-run
 * answer): its defaults and webhooks are then no difference.
 */
export function objectDifferences(
  from: ObjectSide,
  to: ObjectSide,
  expected: ReadonlyMap<string, KubeObject> = new Map(),
): ObjectDifference[] {
  const scalers = [
    ...from.objects.filter(({ ref }) => ref.kind === 'HorizontalPodAutoscaler').map(({ object }) => object),
    ...to.otherScalers,
  ];
  const known = from.objects.filter((object) => !isRunOnce(object));
  const added = to.objects.filter(
    ({ ref, role, from: why }) => role === 'owned' && why !== 'hook' && !from.has(ref),
  );
  return [
    ...known.flatMap(({ ref, role, object }): ObjectDifference[] => {
      const now = to.find(ref);
      if (now === undefined) return to.isUnread(ref) ? [] : [{ ref, role, change: 'missing', fields: [] }];
      const scaled = isWorkload(object) && scalers.some((hpa) => isScaledBy(object, hpa));
      const before = comparableForm(expected.get(keyOf(ref)) ?? object, scaled);
      const after = comparableForm(now, scaled);
      if (jsonEqual(before, after)) return [];
      return [changed(ref, role, before, after)];
    }),
    ...added.map(({ ref, role }): ObjectDifference => ({ ref, role, change: 'added', fields: [] })),
  ];
}

/** A hook's Job or Pod is made anew each time that Helm runs it. */
function isRunOnce({ ref, from }: SideObject): boolean {
  return from === 'hook' && (ref.kind === 'Job' || ref.kind === 'Pod');
}

/** Equal forms mean that nobody changed anything. */
function comparableForm(object: KubeObject, scaledByHpa: boolean): KubeObject {
  const form = clean(object).object;
  const spec = objectAt(form, 'spec');
  if (scaledByHpa && spec !== undefined) delete spec.replicas;
  // Token Secrets: older API servers add their names by themselves.
  if (form.kind === 'ServiceAccount' && groupOf(String(form.apiVersion)) === '') delete form.secrets;
  return sorted(form) as KubeObject;
}

function changed(ref: ObjectRef, role: Role, before: KubeObject, after: KubeObject): ObjectDifference {
  const shown = { before: withSecretDigests(before), after: withSecretDigests(after) };
  return { ref, role, change: 'changed', ...shown, fields: fieldChanges(shown.before, shown.after) };
}

/** Keys in one order, as kubectl prints them: which server wrote them first is no difference. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const copy: JsonObject = Object.create(null) as JsonObject;
  for (const key of Object.keys(value).sort()) copy[key] = sorted(value[key]!);
  return { ...copy };
}
