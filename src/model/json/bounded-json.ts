import { type Json, parseJson } from './json.ts';
import { scanJson } from './json-scan.ts';
import type { JsonLimits } from './limits.ts';

/**
 * Reads JSON that somebody else may have written: what it costs is counted before anything is built of it.
 * @param text UTF-8.
 * @throws BeyondLimit, SyntaxError; neither quotes the text, which may be a Secret's.
 */
export function parseJsonWithin(text: Buffer, limits: JsonLimits): Json {
  scanJson(text, limits);
  return parseJson(text.toString('utf8'));
}
