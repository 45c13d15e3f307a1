import { cloneJson, isObject, type Json, type JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';

/** What may stand where something else is expected; undefined: nothing. */
const ODD: (Json | undefined)[] = [undefined, null, {}, [], '', 'x', -1, true];

/** The object with one of its fields gone or turned into something else, for every field; and where that is. */
export function* oddly(object: KubeObject): Generator<[where: string, odd: KubeObject]> {
  for (const path of pathsOf(object)) {
    for (const value of ODD) {
      const odd = cloneJson(object);
      put(odd, path, value);
      yield [`${path.join('.')} is ${JSON.stringify(value) ?? 'not there'}`, odd];
    }
  }
}

function pathsOf(value: Json, before: string[] = []): string[][] {
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, item]) => {
    const path = [...before, String(key)];
    return [path, ...pathsOf(item, path)];
  });
}

function put(object: JsonObject, path: string[], value: Json | undefined): void {
  const last = path.at(-1)!;
  // An array is an object whose keys are numbers.
  const holder = path.slice(0, -1).reduce((at, step) => at[step] as JsonObject, object);
  if (value !== undefined) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
}
