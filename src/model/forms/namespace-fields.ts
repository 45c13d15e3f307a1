import {
  arrayAt,
  cloneJson,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  stringAt,
} from '../json/json.ts';
import { groupOf, type KubeObject } from '../kubernetes/object.ts';

/** From an object down to one of its fields. */
export type FieldPath = readonly (string | number)[];

/** Helm refuses objects on which it names another namespace (helm.sh/helm/v3/pkg/action/validate.go). */
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
/** What `kubectl apply` was given: the object once more, as JSON. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The closed list (docs/restore.md): fields by which an object says that it lies in `namespace`, or that it
 * means a ServiceAccount there. Only these are rewritten when it is restored into another namespace; whatever
 * else names the namespace may mean the one of the original. Empty for an object of another namespace.
 */
export function namespaceFields(object: KubeObject, namespace: string): FieldPath[] {
  if (Array.isArray(object.items) && stringAt(object, 'kind')?.endsWith('List')) {
    return itemsOf(object).flatMap((item, index) =>
      namespaceFields(item, namespace).map((path) => ['items', index, ...path]),
    );
  }
  // Helm and kubectl take an empty one for none.
  const own = stringAt(object, 'metadata', 'namespace') || namespace;
  if (own !== namespace) return [];
  const paths: FieldPath[] = [
    ['metadata', 'namespace'],
    ['metadata', 'annotations', RELEASE_NAMESPACE],
    ...serviceAccountSubjects(object, namespace),
  ];
  return paths.filter((path) => fieldAt(object, path) === namespace);
}

/** The object as it lies in the namespace `to`: nothing but the closed list is changed. */
export function moveObject<T extends KubeObject>(object: T, from: string, to: string): T {
  const moved = cloneJson(object);
  for (const path of namespaceFields(object, from)) setField(moved, path, to);
  const applied = fieldAt(moved, ['metadata', 'annotations', LAST_APPLIED]);
  if (typeof applied === 'string') {
    setField(moved, ['metadata', 'annotations', LAST_APPLIED], moveApplied(applied, from, to));
  }
  return moved;
}

/** rbac.authorization.k8s.io/v1 Subject: a ServiceAccount is named with its namespace. */
function serviceAccountSubjects(object: KubeObject, namespace: string): FieldPath[] {
  const isBinding =
    object.kind === 'RoleBinding' && groupOf(String(object.apiVersion)) === 'rbac.authorization.k8s.io';
  return arrayAt(isBinding ? object : {}, 'subjects').flatMap((subject, index) =>
    stringAt(subject, 'kind') === 'ServiceAccount' && stringAt(subject, 'namespace') === namespace
      ? [['subjects', index, 'namespace']]
      : [],
  );
}

/** The items of a List; those of a ConfigMapList and the like need not name their kind. */
function itemsOf(list: KubeObject): KubeObject[] {
  const kind = String(list.kind).slice(0, -'List'.length);
  const defaults = kind === '' ? {} : { apiVersion: list.apiVersion ?? '', kind };
  return arrayAt(list, 'items').map((item) => (isObject(item) ? { ...defaults, ...item } : {}));
}

/** kubectl compares the text, so that it is written as kubectl writes it: Go's JSON, and a line's end. */
function moveApplied(text: string, from: string, to: string): string {
  let object: Json;
  try {
    object = parseJson(text);
  } catch {
    return text;
  }
  if (!isObject(object) || namespaceFields(object, from).length === 0) return text;
  const moved = JSON.stringify(moveObject(object, from, to)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.endsWith('\n') ? `${moved}\n` : moved;
}

function fieldAt(object: JsonObject, path: FieldPath): Json | undefined {
  let at: Json | undefined = object;
  for (const step of path) {
    if (Array.isArray(at)) at = at[step as number];
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

function setField(object: JsonObject, path: FieldPath, value: string): void {
  const parent = fieldAt(object, path.slice(0, -1)) as JsonObject;
  parent[path.at(-1)!] = value;
}
