import { isObject, type Json } from '../../../src/model/json/json.ts';

/**
 * What a field holds, as kubectl's jsonpath prints it: "" where there is none, JSON where it is no string.
 * @param path as ".spec.ports[0].nodePort"; of an annotation whose name has dots, none
 */
export function fieldText(object: Json | undefined, path: string): string {
  let at = object;
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (Array.isArray(at)) at = at[Number(step)];
    else at = isObject(at) ? at[step] : undefined;
  }
  if (at === undefined) return '';
  return typeof at === 'string' ? at : JSON.stringify(at);
}
