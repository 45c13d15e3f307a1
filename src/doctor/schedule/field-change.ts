import type { Repair } from '../../model/findings/finding.ts';
import { cloneJson, isObject, type Json } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';

/** One field, by the way to it; items of a list by their index. */
export type FieldPath = readonly string[];

/** What becomes of a field; undefined: it is taken away. */
export interface FieldChange {
  path: FieldPath;
  to: Json | undefined;
}

type Operations = Extract<Repair['steps'][number], { action: 'patch' }>['operations'];

/** What is there, through objects and lists. */
export function fieldAt(value: Json | undefined, path: FieldPath): Json | undefined {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** A JSON patch that changes fields whose parents are there, each only as it was seen. */
export function patchOf(object: KubeObject, changes: readonly FieldChange[]): Operations {
  return changes.flatMap(({ path, to }): Operations => {
    const pointer = path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    const is = fieldAt(object, path);
    if (is === undefined) return to === undefined ? [] : [{ op: 'add', path: pointer, value: to }];
    const seen: Operations[number] = { op: 'test', path: pointer, value: is };
    return to === undefined
      ? [seen, { op: 'remove', path: pointer }]
      : [seen, { op: 'replace', path: pointer, value: to }];
  });
}

/** The object with these changes. */
export function withChanges(object: KubeObject, changes: readonly FieldChange[]): KubeObject {
  const copy = cloneJson(object);
  for (const { path, to } of changes) {
    const parent = fieldAt(copy, path.slice(0, -1));
    const field = path.at(-1)!;
    if (!isObject(parent)) continue;
    if (to === undefined) delete parent[field];
    else parent[field] = to;
  }
  return copy;
}
