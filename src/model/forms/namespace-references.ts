import { isObject, type Json, objectAt, parseJson, stringAt } from '../json/json.ts';
import { joinPath } from '../kubernetes/field-changes.ts';
import { annotationsOf, type KubeObject, stringMap } from '../kubernetes/object.ts';
import { hideSecrets, MASK, mask } from '../secrets/hide-secrets.ts';
import { isSecretObject } from '../secrets/secrecy.ts';
import { LAST_APPLIED } from './namespace-fields.ts';

/** A place that names a namespace, and was not rewritten. */
export interface NamespaceReference {
  /** The object, or the Helm revisions, in which it stands: "deployment.apps/cart", "Helm revisions 1, 2". */
  what: string;
  /** The field: "spec.template.spec.containers[memcached].args[1]". */
  where: string;
  /** The name with what surrounds it: "cart.shop.svc"; absent where the field may hold a secret. */
  text?: string;
}

/** A place within a value. */
export type ReferenceLocation = Omit<NamespaceReference, 'what'>;

/** Set by the server or by controllers and sent by no restore, or a name of the object's own. */
const NO_REFERENCES = new Set(['apiVersion', 'kind', 'status']);
const NO_REFERENCES_IN_METADATA = new Set([
  'name',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'selfLink',
  'managedFields',
  'ownerReferences',
]);

/**
 * Every place in an object that names `namespace`: as a word of its own, since letters, digits and "-" beside it
 * make another name. Keys count, and so do texts in base64; of what may be secret, only the field is told.
 */
export function namespaceReferencesInObject(object: KubeObject, namespace: string): ReferenceLocation[] {
  const { metadata, ...rest } = without(object, NO_REFERENCES);
  const { annotations, ...ownMetadata } = without(metadata, NO_REFERENCES_IN_METADATA);
  const { [LAST_APPLIED]: applied, ...otherAnnotations } = annotationsOf(object);
  const shown = {
    metadata: { ...ownMetadata, ...(isObject(annotations) ? { annotations: otherAnnotations } : {}) },
    ...decoded(object, rest),
  };
  const hidden = hideSecrets({ ...object, ...shown }, mask);
  const locations = find(shown, hidden, '', { word: wordOf(namespace), isSecret: isSecretObject(object) });
  return applied !== undefined && isNamedByLastApplied(applied, namespace)
    ? [...locations, { where: `metadata.annotations[${JSON.stringify(LAST_APPLIED)}]` }]
    : locations;
}

/** The same for any value; its texts are not told, because nobody knows what they mean. */
export function namespaceReferencesInValue(value: Json, namespace: string, path = ''): ReferenceLocation[] {
  return find(value, value, path, { word: wordOf(namespace), isSecret: true });
}

function without(value: Json | undefined, keys: ReadonlySet<string>): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(isObject(value) ? value : {}).filter(([key]) => !keys.has(key)));
}

/** A Secret's data and a ConfigMap's binaryData as the texts that they are, where they are. */
function decoded(object: KubeObject, rest: { [key: string]: Json }): { [key: string]: Json } {
  const field = isSecretObject(object) ? 'data' : 'binaryData';
  const data = objectAt(object, field);
  if (data === undefined) return rest;
  const texts = Object.entries(stringMap(data)).map(([key, base64]) => [
    key,
    Buffer.from(base64, 'base64').toString('utf8'),
  ]);
  return { ...rest, [field]: Object.fromEntries(texts) as { [key: string]: Json } };
}

function isNamedByLastApplied(text: string, namespace: string): boolean {
  try {
    const object = parseJson(text);
    if (isObject(object)) return namespaceReferencesInObject(object, namespace).length > 0;
  } catch {
    // Somebody wrote it by hand: any text may stand there.
  }
  return wordOf(namespace).test(text);
}

/** What is looked for, and whether all of it is secret. */
interface Search {
  word: RegExp;
  isSecret: boolean;
}

/** @param hidden the same value with its secrets masked. */
function find(value: Json, hidden: Json | undefined, path: string, search: Search): ReferenceLocation[] {
  const { word, isSecret } = search;
  if (typeof value === 'string') {
    const found = word.exec(value);
    if (found === null) return [];
    const isHidden = isSecret || hidden !== value || value === MASK;
    return [{ where: path, ...(isHidden ? {} : { text: surroundings(value, found) }) }];
  }
  if (Array.isArray(value)) {
    const list = Array.isArray(hidden) ? hidden : [];
    return value.flatMap((item, index) =>
      find(item, list[index], `${path}[${stringAt(item, 'name') ?? index}]`, search),
    );
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = joinPath(path, key);
    const below = find(item, isObject(hidden) ? hidden[key] : undefined, at, search);
    return below.length === 0 && word.test(key) ? [{ where: at }] : below;
  });
}

/** A DNS label, and no part of a longer one. */
function wordOf(namespace: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9-])${RegExp.escape(namespace)}(?![A-Za-z0-9-])`);
}

/** The host name around a match, at most: what stands before it may be a password ("user:secret@host"). */
function surroundings(text: string, { 0: match, index }: RegExpExecArray): string {
  const before = /[\w.-]*$/.exec(text.slice(0, index))?.[0] ?? '';
  const after = /^[\w.-]*/.exec(text.slice(index + match.length))?.[0] ?? '';
  return before + match + after;
}
