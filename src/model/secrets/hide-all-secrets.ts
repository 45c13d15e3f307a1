import { define, isObject, type Json, type JsonObject, parseJson, stringAt } from '../json/json.ts';
import { isTextTooDeep } from '../json/json-depth.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { type Hide, hideSecretFlags, hideSecrets, hideSecretValues } from './hide-secrets.ts';
import { hideSecretsInLines } from './hide-secrets-in-lines.ts';
import { isSecretName } from './secrecy.ts';

/**
 * The object without anything that is a secret or looks like one, for whoever hands it on: beside what
 * `hideSecrets` knows, pairs of name and value and command lines at any depth (a probe's headers, a hook), JSON
 * within a string (what kubectl last applied) and lines of text (scripts, configuration files, messages).
 */
export function hideAllSecrets(object: KubeObject, hide: Hide): KubeObject {
  const once = onlyOnce(hide);
  return hideBelow(hideSecrets(object, once), once) as KubeObject;
}

/** The same for data of no kind. */
export function hideAllInData(data: Json, hide: Hide): Json {
  return hideBelow(data, onlyOnce(hide));
}

/** What stands for a secret already is not hidden once more. */
function onlyOnce(hide: Hide): Hide {
  const shown = new Set<string | Buffer>();
  return (value) => {
    if (shown.has(value)) return String(value);
    const text = hide(value);
    shown.add(text);
    return text;
  };
}

function hideBelow(value: Json, hide: Hide): Json {
  if (typeof value === 'string') return hideInString(value, hide);
  if (Array.isArray(value)) {
    const isText = value.every((item) => typeof item === 'string');
    return (isText ? hideSecretFlags(value, hide) : value).map((item) => hideBelow(item, hide));
  }
  if (!isObject(value)) return value;
  const isSecret = isSecretName(stringAt(value, 'name') ?? '');
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const hidden = isSecret && key === 'value' && typeof item === 'string' ? hide(item) : undefined;
    define(copy, key, hidden ?? hideBelow(item, hide));
  }
  return copy;
}

function hideInString(text: string, hide: Hide): string {
  const inside = jsonIn(text);
  if (inside === undefined) return hideSecretsInLines(text);
  const isOfAKind = stringAt(inside, 'kind') !== undefined && stringAt(inside, 'apiVersion') !== undefined;
  const known = isObject(inside) && isOfAKind ? hideSecrets(inside, hide) : hideSecretValues(inside, hide);
  const shown = JSON.stringify(hideBelow(known, hide));
  // Otherwise as it was written, with its own spaces.
  return shown === JSON.stringify(inside) ? text : shown;
}

/** What a text that is an object or a list of JSON says. */
function jsonIn(text: string): Json | undefined {
  if (!/^\s*[{[]/.test(text) || isTextTooDeep(text)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
