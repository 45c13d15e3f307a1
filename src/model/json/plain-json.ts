import { isObject, type Json, jsonBySource } from './json.ts';
import { isTextTooDeep } from './json-depth.ts';

/** What is outside of strings; also of JSON with a syntax error, which JSON.parse finds. */
const STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * Reads a JSON object as YAML reads it where every scalar is text: 1, true and null are the words that they were written as.
 * @returns undefined for anything else, also what is no JSON, not ASCII, or where a name stands twice: that is for `yaml`.
 * @param limits the text's characters, and objects and lists inside one another.
 */
export function readJsonAsText(
  text: string,
  limits: { characters: number; depth: number },
): { value: unknown } | undefined {
  if (text.length > limits.characters || !/^\{[\n\x20-\x7e]*$/.test(text)) return undefined;
  if (isTextTooDeep(text, limits.depth)) return undefined;
  try {
    const value = jsonBySource.parse(text, asWritten);
    const outside = text.replaceAll(STRING, '');
    return membersOf(value) === outside.split(':').length - 1 ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function asWritten(_key: string, value: Json, { source }: { source?: string }): Json {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
    ? value
    : (source ?? value);
}

/** Of all objects in it. A name that stands twice counts once. */
function membersOf(value: Json | undefined): number {
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return 0;
  const values = Object.values(value);
  return values.reduce((sum: number, each) => sum + membersOf(each), isList ? 0 : values.length);
}
