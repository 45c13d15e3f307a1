import { createHash } from 'node:crypto';
import { groupOf, type ObjectRef } from '../model/kubernetes/object.ts';

/** Longest name in characters: file systems allow 255 bytes, the ending included; Kubernetes' names have 253. */
const LONGEST = 200;

/**
 * The name of an object's file, without its ending: "deployment.apps-my-memcached". What is not a lower-case
 * letter, digit, "_", "-" or "." is written %XX: RBAC names may hold ":" and capitals, which some file systems
 * refuse or fold. An object of another namespace carries that in front: "other_secret-x". A name that would be
 * too long ends in "~" and a digest instead.
 */
export function objectFileName(ref: ObjectRef, releaseNamespace: string): string {
  const group = groupOf(ref.apiVersion);
  const kind = group === '' ? ref.kind.toLowerCase() : `${ref.kind.toLowerCase()}.${group}`;
  const place = ref.namespace === undefined || ref.namespace === releaseNamespace ? '' : `${ref.namespace}_`;
  const name = `${place}${kind}-${ref.name}`.replaceAll(
    /[^a-z0-9._-]/gu,
    (character) => `%${Buffer.from(character).toString('hex').toUpperCase().match(/../g)!.join('%')}`,
  );
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST - digest.length - 1)}~${digest}`;
}
