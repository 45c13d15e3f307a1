import { isObject, type Json } from './json.ts';

// lib.esnext does not declare it yet, see json.ts.
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: Json, context: { source?: string }) => unknown): Json;
};

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
  const outside = text.replaceAll(STRING, '');
  if (depthOf(outside) > limits.depth) return undefined;
  try {
    const value = json.parse(text, asWritten);
    return membersOf(value) === outside.split(':').length - 1 ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function asWritten(_key: string, value: Json, { source }: { source?: string }): unknown {
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : source;
}

function depthOf(outside: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of outside) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

/** Of all objects in it. A name that stands twice counts once. */
function membersOf(value: Json | undefined): number {
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return 0;
  const values = Object.values(value);
  return values.reduce((sum: number, each) => sum + membersOf(each), isList ? 0 : values.length);
}
