import { isObject } from '../model/json/json.ts';
import type { JournalEntry } from '../model/records/journal.ts';

/** Says what is wrong with a line of a journal, or undefined: then it is a {@link JournalEntry}. */
export type CheckLine = (value: unknown) => string | undefined;

let made: Promise<CheckLine> | undefined;

/** Compiled once a run: a journal has many lines. */
export function lineChecker(): Promise<CheckLine> {
  made ??= makeChecker();
  return made;
}

async function makeChecker(): Promise<CheckLine> {
  const [{ Ajv }, { default: schema }] = await Promise.all([
    import('ajv'),
    import('../model/records/journal-v2.schema.json', { with: { type: 'json' } }),
  ]);
  // The schema itself is checked by a test, not in every run.
  const ajv = new Ajv({ meta: false, validateSchema: false });
  ajv.addSchema(schema, 'v2');
  const types = [
    'start',
    'will',
    'refused',
    'did',
    'end',
    'undone',
  ] as const satisfies JournalEntry['type'][];
  const validators = new Map<unknown, ReturnType<typeof ajv.compile>>(
    types.map((type) => [type, ajv.compile({ $ref: `v2#/definitions/${type}` })]),
  );
  return (value) => {
    if (!isObject(value)) return 'it is no JSON object';
    const validate = validators.get(value.type);
    if (validate === undefined) return 'its type is none that this tool knows';
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}`.trim();
  };
}
