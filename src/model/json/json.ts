/**
 * JSON that survives a round trip. `JSON.parse` turns `1.0` into `1` and 2^60+1 into 2^60; a backup must
 * not. Numbers whose text JavaScript would change are kept as `JSON.rawJSON` values (RFC 8259 numbers as
 * written by the server); everything else is ordinary data.
 */

/** A number kept as its own text; made by {@link parseJson}, written back untouched by JSON.stringify. */
export interface RawNumber {
  readonly rawJSON: string;
}

export type Json = null | boolean | number | string | RawNumber | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

// lib.esnext does not declare the "JSON.parse source text access" proposal yet (Node >= 21 has it).
export const jsonBySource = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: Json, context: { source?: string }) => Json): Json;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): boolean;
};

/**
 * Text that may hold a number JavaScript would rewrite: a fraction, an exponent, -0 or 16 digits and more. What follows a number
 * in JSON tells it from most of what stands in strings, of which the tag of an image ("memcached:1.6.18") is in every workload.
 */
const DELICATE_NUMBER = /(?:^|[:[,\s])(?:-0|-?(?:\d+(?:\.\d+)?[eE][-+]?\d+|\d+\.\d+|\d{16,}))(?=[,}\]\s]|$)/;

/**
 * Parses `text`, keeping every number's own digits.
 * @throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): Json {
  if (!DELICATE_NUMBER.test(text)) return JSON.parse(text) as Json;
  return jsonBySource.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? jsonBySource.rawJSON(context.source)
      : value,
  );
}

export function isRawNumber(value: unknown): value is RawNumber {
  return jsonBySource.isRawJSON(value);
}

/** A number as its own text: "1.0" stays "1.0". */
export function rawNumber(text: string): RawNumber {
  return jsonBySource.rawJSON(text);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** The object at `path`, or undefined where any step is missing or is something else. */
export function objectAt(value: Json | undefined, ...path: string[]): JsonObject | undefined {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
}

export function arrayAt(value: Json | undefined, ...path: string[]): Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function stringAt(value: Json | undefined, ...path: string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: Json | undefined, ...path: string[]): number | undefined {
  const found = valueAt(value, ...path);
  if (isRawNumber(found)) return Number(found.rawJSON);
  return typeof found === 'number' ? found : undefined;
}

export function valueAt(value: Json | undefined, ...path: string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

/** Deep equality, key order ignored. Raw numbers are equal when their texts are. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isRawNumber(a) || isRawNumber(b)) return isRawNumber(a) && isRawNumber(b) && a.rawJSON === b.rawJSON;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
  );
}

/** A deep copy that keeps raw numbers (structuredClone would lose them). */
export function cloneJson<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, cloneJson(item));
  return copy as T;
}

/** Sets an own property also where the key is `__proto__`, which a plain assignment would drop. */
export function define(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}
