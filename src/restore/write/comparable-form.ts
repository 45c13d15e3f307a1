import { replacementForm, unbound } from '../../model/forms/write-form.ts';
import { type JsonObject, jsonEqual, objectAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { comparableDigest } from '../../model/records/journal.ts';
import { comparable } from '../plan/comparable.ts';

/** Tells whether an object still is what a restore wrote: replicas and what controllers write don't count. */
export function writtenDigest(object: KubeObject): string {
  return comparableDigest(comparableForm(object, true));
}

/** Equal in all that people and Helm write; what controllers write may differ. */
export function sameButReplicas(a: KubeObject, b: KubeObject, autoscaled: boolean): boolean {
  return jsonEqual(comparableForm(a, autoscaled), comparableForm(b, autoscaled));
}

/** Whether this is what writing the object gives, also where it was written and nobody heard of it. */
export function isAsMeant(current: KubeObject, raw: KubeObject, autoscaled: boolean): boolean {
  const { creationTimestamp: _, ...metadata } = objectAt(current, 'metadata') ?? {};
  const meant = replacementForm(raw, current, autoscaled);
  return sameButReplicas({ ...current, metadata }, meant, autoscaled);
}

function comparableForm(object: KubeObject, withoutReplicas: boolean): JsonObject {
  const { spec, ...rest } = comparable(unbound(object));
  const { replicas, ...others } = (spec ?? {}) as JsonObject;
  return { ...rest, spec: withoutReplicas || replicas === undefined ? others : { ...others, replicas } };
}
