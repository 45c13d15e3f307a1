import { isObject, type Json, stringAt, valueAt } from '../json/json.ts';
import { groupOf, type KubeObject } from '../kubernetes/object.ts';
import { isSecretName, isSecretObject, secretValuesOf } from './secrecy.ts';

/** A variable that the kubelet puts in, and switches whose name speaks of a secret (`ALLOW_EMPTY_PASSWORD=yes`). */
const NO_SECRET = /^(?:\s*|\$\([\w.-]+\)|true|false|yes|no|on|off|0|1|enabled?|disabled?)$/i;

/**
 * What an object that is no Secret holds of secrets in plain text, told by the names of what holds them: variables,
 * arguments, passwords in URLs (secrecy.ts), and keys of a ConfigMap. Custom resources are not looked into: what is called
 * a secret there names one, or is one that was encrypted.
 */
export function plainSecretsOf(object: KubeObject): string[] {
  if (isSecretObject(object)) return [];
  const values = [...secretValuesOf(object), ...(isConfigMap(object) ? namedInData(object) : [])];
  return values.filter((value) => !NO_SECRET.test(value));
}

function isConfigMap(object: KubeObject): boolean {
  return object.kind === 'ConfigMap' && groupOf(String(object.apiVersion)) === '';
}

function namedInData(object: KubeObject): string[] {
  const data = valueAt(object, 'data');
  if (!isObject(data)) return [];
  return Object.entries(data).flatMap(([key, value]) =>
    isSecretName(key) && typeof value === 'string' ? [value] : [],
  );
}

/** `password: "x"`, `token=x`: a line of a file. */
const ASSIGNED = /^\s*["']?([\w.-]+)["']?\s*[:=]\s*["']?(.*?)["']?,?\s*$/;
/** What nobody writes twice by chance: a token, a line of a key. */
const UNLIKELY = /^\S{20,}$/;

/**
 * What is secret in a text of many lines, such as a file in a Secret: the values whose name says so, and lines that stand
 * nowhere else by chance. `enabled: true` is in many a file.
 */
export function secretPartsOf(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name = '', value = ''] = ASSIGNED.exec(line) ?? [];
    const isNamed = isSecretName(name) && !NO_SECRET.test(value);
    return [...(isNamed ? [value] : []), ...(UNLIKELY.test(line.trim()) ? [line.trim()] : [])];
  });
}

/**
 * The field of the first text that `isMeant`, as `kubectl explain` would name it, items of lists by their name:
 * "spec.template.spec.containers[memcached].env[PASSWORD].value". Undefined where there is none.
 */
export function placeOf(value: Json, isMeant: (text: string) => boolean, path = ''): string | undefined {
  if (typeof value === 'string') return isMeant(value) ? path : undefined;
  const parts: [string, Json][] = Array.isArray(value)
    ? value.map((item, index) => [`${path}[${stringAt(item, 'name') ?? index}]`, item])
    : isObject(value)
      ? Object.entries(value).map(([key, item]) => [path === '' ? key : `${path}.${key}`, item])
      : [];
  for (const [at, item] of parts) {
    const place = placeOf(item, isMeant, at);
    if (place !== undefined) return place;
  }
  return undefined;
}
