import {
  cloneJson,
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
} from '../json/json.ts';
import { groupOf, type KubeObject } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';
import { isSecretName, isSecretObject, secretFlag } from './secrecy.ts';

/** Gives what stands for a secret value where it must not be shown. A Secret's data comes decoded. */
export type Hide = (value: string | Buffer) => string;

/** What stands for a secret value where nothing of it matters. */
export const MASK = '***';
export const mask: Hide = () => MASK;

/**
 * The object without its secrets: a Secret's data, values of env entries, flags, ConfigMap keys and
 * annotations whose name says so, and such fields of custom resources, whose meaning is not known here.
 */
export function hideSecrets(object: KubeObject, hide: Hide): KubeObject {
  const copy = cloneJson(object);
  hideNamed(objectAt(copy, 'metadata', 'annotations'), hide);
  if (isSecretObject(copy)) {
    hideAll(objectAt(copy, 'data'), hide, (text) => Buffer.from(text, 'base64'));
    hideAll(objectAt(copy, 'stringData'), hide, (text) => text);
  } else if (copy.kind === 'ConfigMap' && groupOf(String(copy.apiVersion)) === '') {
    hideNamed(objectAt(copy, 'data'), hide);
    hideNamed(objectAt(copy, 'binaryData'), hide);
  } else if (isCustom(copy)) {
    hideDeep(objectAt(copy, 'spec'), hide);
  }
  for (const spec of [objectAt(podTemplateOf(copy), 'spec'), objectAt(copy, 'spec')])
    hideInContainers(spec, hide);
  return copy;
}

/** The same for a tree of values, as a chart takes them: whatever lies below a secret-looking key. */
export function hideSecretValues(values: Json, hide: Hide): Json {
  const copy = cloneJson(values);
  hideDeep(copy, hide);
  return copy;
}

/** The same for a command line. */
export function hideSecretFlags(words: readonly string[], hide: Hide): string[] {
  const copy: Json[] = [...words];
  hideFlags(copy, hide);
  return copy.map(String);
}

/** Groups of Kubernetes' own kinds have no dot or end in .k8s.io. */
function isCustom(object: KubeObject): boolean {
  const group = groupOf(String(object.apiVersion));
  return group.includes('.') && !group.endsWith('.k8s.io');
}

function hideAll(data: JsonObject | undefined, hide: Hide, bytesOf: (text: string) => string | Buffer): void {
  for (const [key, value] of Object.entries(data ?? {}))
    if (data !== undefined && typeof value === 'string') data[key] = hide(bytesOf(value));
}

function hideNamed(map: JsonObject | undefined, hide: Hide): void {
  for (const [key, value] of Object.entries(map ?? {}))
    if (map !== undefined && typeof value === 'string' && isSecretName(key)) map[key] = hide(value);
}

function hideDeep(value: Json | undefined, hide: Hide, secret = false): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const text = secret ? secretText(item) : undefined;
      if (text !== undefined) value[index] = hide(text);
      else hideDeep(item, hide, secret);
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const hidden = secret || isSecretName(key);
      const text = hidden ? secretText(item) : undefined;
      if (text !== undefined) value[key] = hide(text);
      else hideDeep(item, hide, hidden);
    }
  }
}

/** A string, or a number long enough to be a password that somebody did not quote. */
function secretText(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  const digits = isRawNumber(value) ? value.rawJSON : typeof value === 'number' ? String(value) : '';
  return digits.length >= 6 ? digits : undefined;
}

function hideInContainers(podSpec: JsonObject | undefined, hide: Hide): void {
  for (const list of [podSpec?.initContainers, podSpec?.containers]) {
    for (const container of Array.isArray(list) ? list.filter(isObject) : []) {
      for (const entry of Array.isArray(container.env) ? container.env.filter(isObject) : []) {
        if (isSecretName(stringAt(entry, 'name') ?? '') && typeof entry.value === 'string')
          entry.value = hide(entry.value);
      }
      for (const words of [container.command, container.args])
        if (Array.isArray(words)) hideFlags(words, hide);
    }
  }
}

/** `--auth-token=x` and `--password x`. */
function hideFlags(words: Json[], hide: Hide): void {
  for (const [index, word] of words.entries()) {
    const flag = typeof word === 'string' ? secretFlag(word) : undefined;
    if (flag === undefined) continue;
    const next = words[index + 1];
    if (flag.value !== undefined) words[index] = `${flag.flag}=${hide(flag.value)}`;
    else if (typeof next === 'string') words[index + 1] = hide(next);
  }
}
