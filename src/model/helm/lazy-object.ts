import { type Json, type JsonObject, parseJson } from '../json/json.ts';

/**
 * The object that a JSON text stands for, each member of which is parsed when it is first asked for: a release's record
 * is mostly the chart's files, which few want.
 * @param members where their values stand in `text`, as scanJson found them.
 */
export function lazyObject(
  text: Buffer,
  members: ReadonlyMap<string, readonly [start: number, end: number]>,
): JsonObject {
  const object: JsonObject = {};
  for (const [name, [start, end]] of members) {
    const settle = (value: Json): Json => {
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      return value;
    };
    Object.defineProperty(object, name, {
      enumerable: true,
      configurable: true,
      get: () => settle(parseJson(text.toString('utf8', start, end))),
      set: settle,
    });
  }
  return object;
}
