import { SERVER_FINALIZERS } from '../forms/clean.ts';
import { arrayAt, stringAt } from '../json/json.ts';
import type { KubeObject } from './object.ts';

/** Whether somebody deleted an object that is still there: it goes once its finalizers are cleared. */
export function isBeingDeleted(object: KubeObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}

/** An object's finalizers that the cluster itself does not clear: each keeps it until whoever set it is done. */
export function heldBy(object: KubeObject): string[] {
  return arrayAt(object, 'metadata', 'finalizers')
    .map(String)
    .filter((name) => !SERVER_FINALIZERS.has(name));
}

/** "its finalizer a holds it", "its finalizers a, b hold it"; undefined where none does. */
export function holdsText(object: KubeObject): string | undefined {
  const names = heldBy(object);
  if (names.length === 0) return undefined;
  return names.length === 1
    ? `its finalizer ${names[0]} holds it`
    : `its finalizers ${names.join(', ')} hold it`;
}
