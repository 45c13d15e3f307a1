import { UsageError } from '../errors/tool-error.ts';

/** docs/format.md: one line. */
const MAX_CHARACTERS = 200;
const CONTROL = /[\u0000-\u001f\u007f]/;

/** `--note`. @throws UsageError where it is empty, has several lines, or is too long for a table to show a part that tells. */
export function parseNote(text: string): string {
  const note = text.trim();
  if (note === '' || CONTROL.test(note) || [...note].length > MAX_CHARACTERS) {
    throw new UsageError(`--note takes one line of at most ${MAX_CHARACTERS} characters`);
  }
  return note;
}
