import { type JsonObject, stringAt, valueAt } from '../../../model/json/json.ts';
import { NotDurable } from '../../durable-file.ts';
import { errnoOf } from '../../errno.ts';
import { Damage } from '../../format/damage.ts';

/** More than any sentence of ours. */
const MAX_TEXT = 2000;

/** What the server did not do, in its own words. */
export class Refused extends Error {}

/** What kept the server from something, as it tells it: {@link readWireError} makes the same of it again. */
export function wireErrorOf(error: unknown): JsonObject {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Damage)
    return { kind: 'damage', message, missing: error.missing, unreadable: error.unreadable };
  if (error instanceof NotDurable) return { kind: 'not durable', message, code: error.code ?? 'EIO' };
  const code = errnoOf(error);
  return code === undefined ? { kind: 'refused', message } : { kind: 'system', message, code };
}

/** @param value of an answer: nothing of it is believed but that something went wrong. */
export function readWireError(value: JsonObject): Error {
  const message = textOf(value, 'message') || 'it does not say why';
  switch (stringAt(value, 'kind')) {
    case 'damage':
      return new Damage(message, {
        missing: valueAt(value, 'missing') === true,
        unreadable: valueAt(value, 'unreadable') === true,
      });
    case 'not durable':
      return new NotDurable(systemError(message, textOf(value, 'code')));
    case 'system':
      return systemError(message, textOf(value, 'code'));
    default:
      return new Refused(message);
  }
}

function systemError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code: /^E[A-Z0-9]+$/.test(code) ? code : 'EIO' });
}

function textOf(value: JsonObject, key: string): string {
  return (stringAt(value, key) ?? '').slice(0, MAX_TEXT);
}
