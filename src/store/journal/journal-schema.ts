import { isObject } from '../../model/json/json.ts';
import type { JournalEntry } from '../../model/records/journal.ts';
import { DEFINITIONS, validators } from '../format/schema-validators.ts';

/** Says what is wrong with a line of a journal, or undefined: then it is a {@link JournalEntry}. */
export type CheckLine = (value: unknown) => string | undefined;

/** Each kind of line has a definition of its own, named after it. */
const TYPES = DEFINITIONS['journal-v2'] satisfies readonly JournalEntry['type'][];

export async function lineChecker(): Promise<CheckLine> {
  const made = await validators();
  return (value) => {
    if (!isObject(value)) return 'it is no JSON object';
    const type = TYPES.find((each) => each === value.type);
    if (type === undefined) return 'its type is none that this tool knows';
    const validate = made[type];
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}`.trim();
  };
}
