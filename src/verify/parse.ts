import { type Json, parseJson } from '../model/json.ts';
import { isTooDeep } from '../model/json-depth.ts';
import { parseYamlStream } from '../model/yaml.ts';

/** etcd refuses objects over 1.5 MiB: whatever is larger was not written by a backup, and is not parsed. */
const MAX_OBJECT_BYTES = 8 * 2 ** 20;

/** Why a text could not be read. It never quotes the text, which may be a Secret. */
export class Unreadable extends Error {}

/** @throws Unreadable */
export function readJson(content: Buffer): Json {
  return shallow(parsed(content, 'JSON', parseJson));
}

/** The only document of a file. @throws Unreadable */
export function readYaml(content: Buffer): Json {
  const documents = parsed(content, 'YAML', parseYamlStream);
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    throw new Unreadable(`it holds ${documents.length} documents instead of one`);
  }
  return shallow(document);
}

function shallow(value: Json): Json {
  if (isTooDeep(value)) throw new Unreadable('it is nested deeper than any Kubernetes object');
  return value;
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
