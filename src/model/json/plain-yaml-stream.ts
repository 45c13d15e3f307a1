import { goNumber, MAY_BE_GO_NUMBER } from './go-number.ts';
import type { Json } from './json.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { valueOfWord } from './yaml-words.ts';

/** Far below YAML_LIMITS: how these are counted matters to nothing that is read here. */
const LIMITS = { characters: 1024 * 1024, tokens: 100_000, depth: 64 };
/** At most, in a line of plain YAML, and for each comma more. */
const TOKENS_A_LINE = 18;
const TOKENS_A_COMMA = 9;

const MARKER = /^---$/m;
const NOTHING = /^ *(?:#[\x20-\x7e]*)?$/;

/**
 * Reads the documents of a manifest as Helm does (yaml.ts), where all of them are as programs write most (plain-yaml.ts) and there
 * is not much of it; empty ones are left out.
 * @param meter counts on by what it may be of YAML's tokens.
 * @returns undefined for anything else: that is for `yaml`, whose results, errors and limits count.
 */
export function readPlainStream(text: string, meter: { tokens: number }): Json[] | undefined {
  const tokens = text.split('\n').length * TOKENS_A_LINE + (text.split(',').length - 1) * TOKENS_A_COMMA;
  if (text.length > LIMITS.characters || meter.tokens + tokens > LIMITS.tokens) return undefined;
  const values: Json[] = [];
  for (const document of text.split(MARKER)) {
    if (document.split('\n').every((line) => NOTHING.test(line))) continue;
    const read = readPlainYaml(document, LIMITS, goScalar);
    if (read === undefined) return undefined;
    values.push(read.value as Json);
  }
  meter.tokens += tokens;
  return values;
}

/** By YAML 1.1, and numbers by Go. */
function goScalar(text: string, isPlain: boolean): Json {
  if (!isPlain) return text;
  if (text === '') return null;
  const value = valueOfWord(text);
  if (value !== undefined) return value;
  return MAY_BE_GO_NUMBER.test(text) ? (goNumber(text) ?? text) : text;
}
