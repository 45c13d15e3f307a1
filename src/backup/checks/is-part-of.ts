import { isObject, type Json, jsonEqual } from '../../model/json/json.ts';

/** Whether `part` is `whole` with fields and list items left out, and nothing else changed. */
export function isPartOf(part: Json, whole: Json): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return false;
    const rest = [...whole];
    // In the same order: each item is looked for behind the one before.
    return part.every((item) => {
      const at = rest.findIndex((candidate) => isPartOf(item, candidate));
      rest.splice(0, at + 1);
      return at >= 0;
    });
  }
  if (!isObject(part)) return jsonEqual(part, whole);
  if (!isObject(whole)) return false;
  return Object.entries(part).every(
    ([key, item]) => Object.hasOwn(whole, key) && isPartOf(item, whole[key] as Json),
  );
}
