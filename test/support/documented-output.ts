import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { isObject, type Json, type JsonObject, stringAt } from '../../src/model/json/json.ts';

const SUFFIX = '.schema.json';
const FOLDER = join(import.meta.dirname, '../../docs/schemas');

/** The files of docs/schemas, by their names without what all of them end with: by kind, but for `common`. */
export const OUTPUT_SCHEMAS: ReadonlyMap<string, JsonObject> = new Map(
  readdirSync(FOLDER).map((file) => [
    basename(file, SUFFIX),
    JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as JsonObject,
  ]),
);

const asDocumented = validators((schema) => schema);
const andNoMore = validators((schema) => closed(schema) as JsonObject);

/** Holds what a command printed to the schema of its kind. @throws AssertionError */
export function assertOfItsKind<T>(printed: T): T {
  return assertBy(asDocumented, printed);
}

/** The same. @throws AssertionError also for a field that the schema does not tell of. */
export function assertDocumented<T>(printed: T): T {
  return assertBy(andNoMore, assertOfItsKind(printed));
}

/** Parses what a command printed with -o json, and holds it to its schema. Loosely typed, as JSON.parse is. */
export function parseDocumented(text: string): ReturnType<typeof JSON.parse> {
  return assertDocumented(JSON.parse(text));
}

/** Whether `value` is a `kind` by its schema, whatever else it holds. */
export function isDocumented(kind: string, value: unknown): boolean {
  return asDocumented(kind)?.(value) === true;
}

function assertBy<T>(schemaOf: ReturnType<typeof validators>, printed: T): T {
  const kind = stringAt(printed as Json, 'kind');
  const validate = schemaOf(kind ?? '');
  const told = JSON.stringify(printed).slice(0, 4_000);
  assert.ok(validate !== undefined, `${kind} has no schema in docs/schemas: ${told}`);
  assert.ok(validate(printed), `${JSON.stringify(validate.errors, null, 1)}\n${told}`);
  return printed;
}

function validators(
  made: (schema: JsonObject) => JsonObject,
): (kind: string) => ValidateFunction | undefined {
  const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
  for (const [name, schema] of OUTPUT_SCHEMAS) ajv.addSchema(made(schema), `${name}${SUFFIX}`);
  return (kind) => ajv.getSchema(`${kind}${SUFFIX}`);
}

/** The schema with no room for fields of which it says nothing. */
function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, closed(item)]);
  const copy = Object.fromEntries(entries) as JsonObject;
  return isObject(value.properties) ? { ...copy, additionalProperties: false } : copy;
}
