import { isObject, type Json } from './json.ts';

/** The API server refuses JSON that is nested ten thousand deep; no kind of object comes near this. */
const DEEPEST = 512;

/** Whether a value is nested deeper than any Kubernetes object: walking it could overflow the stack. */
export function isTooDeep(value: Json, left = DEEPEST): boolean {
  if (left === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, left - 1));
  return isObject(value) && Object.values(value).some((item) => isTooDeep(item, left - 1));
}
