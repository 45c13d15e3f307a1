import { createHash } from 'node:crypto';
import { cloneJson, isObject, type Json, type JsonObject, objectAt, stringAt } from './json.ts';
import { groupOf, type KubeObject } from './object.ts';
import { isSecretName, isSecretObject, secretFlag } from './secrecy.ts';
import { podTemplateOf } from './workload.ts';

/** Hex digits shown of a digest: enough to see that two values differ, too few to be of use otherwise. */
const SHOWN = 8;

/** What stands for a secret value where it must be compared but not shown: "sha256:1f2e3d4c". */
export function secretDigest(value: string | Buffer): string {
  return `sha256:${createHash('sha256').update(value).digest('hex').slice(0, SHOWN)}`;
}

/**
 * The object with a digest in place of every secret: a Secret's data (of the decoded bytes, so that
 * `printf … | sha256sum` gives the same), values of env entries, flags, ConfigMap keys and annotations whose
 * name says so, and such fields of custom resources, whose meaning is not known here.
 */
export function withSecretDigests(object: KubeObject): KubeObject {
  const copy = cloneJson(object);
  digestNamed(objectAt(copy, 'metadata', 'annotations'));
  if (isSecretObject(copy)) {
    digestAll(objectAt(copy, 'data'), (text) => Buffer.from(text, 'base64'));
    digestAll(objectAt(copy, 'stringData'), (text) => text);
  } else if (copy.kind === 'ConfigMap' && groupOf(String(copy.apiVersion)) === '') {
    digestNamed(objectAt(copy, 'data'));
    digestNamed(objectAt(copy, 'binaryData'));
  } else if (isCustom(copy)) {
    digestDeep(objectAt(copy, 'spec'));
  }
  for (const spec of [objectAt(podTemplateOf(copy), 'spec'), objectAt(copy, 'spec')]) digestContainers(spec);
  return copy;
}

/** The same for a tree of values, as a chart takes them: whatever lies below a secret-looking key. */
export function withSecretValueDigests(values: Json): Json {
  const copy = cloneJson(values);
  digestDeep(copy);
  return copy;
}

/** Groups of Kubernetes' own kinds have no dot or end in .k8s.io. */
function isCustom(object: KubeObject): boolean {
  const group = groupOf(String(object.apiVersion));
  return group.includes('.') && !group.endsWith('.k8s.io');
}

function digestAll(data: JsonObject | undefined, bytesOf: (text: string) => string | Buffer): void {
  for (const [key, value] of Object.entries(data ?? {}))
    if (data !== undefined && typeof value === 'string') data[key] = secretDigest(bytesOf(value));
}

function digestNamed(map: JsonObject | undefined): void {
  for (const [key, value] of Object.entries(map ?? {}))
    if (map !== undefined && typeof value === 'string' && isSecretName(key)) map[key] = secretDigest(value);
}

function digestDeep(value: Json | undefined, secret = false): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (secret && typeof item === 'string') value[index] = secretDigest(item);
      else digestDeep(item, secret);
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const hidden = secret || isSecretName(key);
      if (hidden && typeof item === 'string') value[key] = secretDigest(item);
      else digestDeep(item, hidden);
    }
  }
}

function digestContainers(podSpec: JsonObject | undefined): void {
  for (const list of [podSpec?.initContainers, podSpec?.containers]) {
    for (const container of Array.isArray(list) ? list.filter(isObject) : []) {
      for (const entry of Array.isArray(container.env) ? container.env.filter(isObject) : []) {
        if (isSecretName(stringAt(entry, 'name') ?? '') && typeof entry.value === 'string')
          entry.value = secretDigest(entry.value);
      }
      for (const words of [container.command, container.args]) if (Array.isArray(words)) digestFlags(words);
    }
  }
}

/** `--auth-token=x` and `--password x`. */
function digestFlags(words: Json[]): void {
  for (const [index, word] of words.entries()) {
    const flag = typeof word === 'string' ? secretFlag(word) : undefined;
    if (flag === undefined) continue;
    const next = words[index + 1];
    if (flag.value !== undefined) words[index] = `${flag.flag}=${secretDigest(flag.value)}`;
    else if (typeof next === 'string') words[index + 1] = secretDigest(next);
  }
}
