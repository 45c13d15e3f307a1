import { type Json, parseJson } from '../model/json.ts';
import { isTooDeep } from '../model/json-depth.ts';
import { parseYamlStream } from '../model/yaml.ts';

/** etcd refuses objects over 1.5 MiB: whatever is larger was not written by a backup, and is not parsed. */
const MAX_OBJECT_BYTES = 8 * 2 ** 20;

/** Brackets of text count too: scripts in a ConfigMap have unbalanced ones. */
const MAX_BRACKETS = 5000;

const TOO_DEEP = 'it is nested deeper than any Kubernetes object';

/** Why a text could not be read. It never quotes the text, which may be a Secret. */
export class Unreadable extends Error {}

/** @throws Unreadable */
export function readJson(content: Buffer): Json {
  return shallow(parsed(content, 'JSON', parseJson));
}

/** The only document of a file. @throws Unreadable */
export function readYaml(content: Buffer): Json {
  if (isNestedAway(content.toString('latin1'))) throw new Unreadable(TOO_DEEP);
  const documents = parsed(content, 'YAML', parseYamlStream);
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    throw new Unreadable(`it holds ${documents.length} documents instead of one`);
  }
  return shallow(document);
}

function shallow(value: Json): Json {
  if (isTooDeep(value)) throw new Unreadable(TOO_DEEP);
  return value;
}

/** Whether a text opens so many brackets or lists in lists that a parser of YAML would take hours over it. */
function isNestedAway(text: string): boolean {
  let depth = 0;
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MAX_BRACKETS) return true;
  }
  return /(?:[-?] +){500}/.test(text);
}

function parsed<T>(content: Buffer, language: string, parse: (text: string) => T): T {
  if (content.length > MAX_OBJECT_BYTES) {
    throw new Unreadable(`it has ${content.length} bytes, more than any Kubernetes object`);
  }
  try {
    return parse(content.toString('utf8'));
  } catch (error) {
    if (error instanceof ReferenceError) throw new Unreadable('its aliases expand too far');
    const where = lineOf(error);
    throw new Unreadable(`it is not ${language}${where === undefined ? '' : ` (line ${where})`}`);
  }
}

function lineOf(error: unknown): number | undefined {
  const { linePos } = error as { linePos?: [{ line: number }] };
  return linePos?.[0].line;
}
