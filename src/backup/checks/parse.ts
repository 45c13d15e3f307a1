import { parseJsonWithin } from '../../model/json/bounded-json.ts';
import type { Json } from '../../model/json/json.ts';
import { BeyondLimit, OBJECT_LIMITS } from '../../model/json/limits.ts';
import { parseYamlStream } from '../../model/json/yaml.ts';

/** Why a text could not be read. It never quotes the text, which may be a Secret. */
export class Unreadable extends Error {}

/** @throws Unreadable */
export function readJson(content: Buffer): Json {
  return parsed(content, 'JSON', () => parseJsonWithin(content, OBJECT_LIMITS));
}

/** The only document of a file. @throws Unreadable */
export function readYaml(content: Buffer): Json {
  const documents = parsed(content, 'YAML', parseYamlStream);
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    throw new Unreadable(`it holds ${documents.length} documents instead of one`);
  }
  return document;
}

function parsed<T>(content: Buffer, language: string, parse: (text: string) => T): T {
  if (content.length > OBJECT_LIMITS.bytes) {
    throw new Unreadable(`it has ${content.length} bytes, more than any Kubernetes object`);
  }
  try {
    return parse(content.toString('utf8'));
  } catch (error) {
    if (error instanceof BeyondLimit) throw new Unreadable(error.message);
    const where = lineOf(error);
    throw new Unreadable(`it is not ${language}${where === undefined ? '' : ` (line ${where})`}`);
  }
}

function lineOf(error: unknown): number | undefined {
  const { linePos } = error as { linePos?: [{ line: number }] };
  return linePos?.[0].line;
}
