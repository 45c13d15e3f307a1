import { isObject, type JsonObject } from './json.ts';
import type { JsonLimits } from './limits.ts';

/**
 * The value of a JSON text that has too few bytes to hold more values than allowed: it is parsed at once and held to the other limits
 * then, in a tenth of the time that counting it first takes (`json-scan.ts`).
 * @param text UTF-8.
 * @returns undefined of a text that is longer, or passes a limit: counting it tells which.
 * @throws SyntaxError, which quotes the text.
 */
export function parseSmall(text: Buffer, limits: JsonLimits): unknown {
  // A value has a byte at least.
  if (text.length > Math.min(limits.bytes, limits.values)) return undefined;
  const value: unknown = JSON.parse(text.toString('utf8'));
  if (isObject(value) && Object.keys(value).length > limits.members) return undefined;
  return isNoDeeper(value, limits.depth) ? value : undefined;
}

function isNoDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((inner) => isNoDeeper(inner, levels - 1));
  // Half the time of Object.values; JSON.parse makes nothing that inherits anything.
  for (const key in value) if (!isNoDeeper((value as JsonObject)[key], levels - 1)) return false;
  return true;
}
