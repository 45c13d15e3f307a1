import { groupOf, type ObjectRef } from './object.ts';

/**
 * The name of an object's file, without its ending: "deployment.apps-my-memcached". What is not a lower-case
 * letter, digit, "-" or "." is written %XX: RBAC names may hold ":" and capitals, which some file systems
 * refuse or fold. An object of another namespace carries that in front: "other_secret-x".
 */
export function objectFileName(ref: ObjectRef, releaseNamespace: string): string {
  const group = groupOf(ref.apiVersion);
  const kind = group === '' ? ref.kind.toLowerCase() : `${ref.kind.toLowerCase()}.${group}`;
  const place = ref.namespace === undefined || ref.namespace === releaseNamespace ? '' : `${ref.namespace}_`;
  return `${place}${kind}-${ref.name}`.replaceAll(
    /[^a-z0-9._-]/g,
    (character) => `%${Buffer.from(character).toString('hex').toUpperCase().match(/../g)!.join('%')}`,
  );
}
