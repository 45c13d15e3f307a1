import { isObject, type Json, type JsonObject, objectAt, stringAt } from '../json/json.ts';

/** A Kubernetes object as the server sent it: plain JSON with apiVersion, kind and metadata.name. */
export type KubeObject = JsonObject;

/** What names an object within a cluster. `namespace` is absent for cluster-wide kinds. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

export function refOf(object: KubeObject): ObjectRef {
  const namespace = stringAt(object, 'metadata', 'namespace');
  return {
    apiVersion: stringAt(object, 'apiVersion') ?? '',
    kind: stringAt(object, 'kind') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    name: stringAt(object, 'metadata', 'name') ?? '',
  };
}

/**
 * Whether a text can be an apiVersion: it becomes a part of a URL (Kubernetes, "Object Names and IDs": a group is a DNS
 * subdomain, a version a DNS label). A forged one would lead elsewhere: "../api/v1".
 */
export function isApiVersion(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(text);
}

/** The API group of an apiVersion: "apps" for "apps/v1", "" for "v1". */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/**
 * A key under which the same object is found again, whichever version of its API group served it
 * (autoscaling/v1 and autoscaling/v2 show one HPA).
 */
export function keyOf(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** How messages name an object, as kubectl does: "deployment.apps/my-memcached", "service/my-memcached". */
export function displayName(ref: Pick<ObjectRef, 'apiVersion' | 'kind' | 'name'>): string {
  const group = groupOf(ref.apiVersion);
  return `${ref.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${ref.name}`;
}

export function nameOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

export function uidOf(object: KubeObject): string | undefined {
  return stringAt(object, 'metadata', 'uid');
}

/** metadata.labels as strings. */
export function labelsOf(object: KubeObject): Record<string, string> {
  return stringMap(objectAt(object, 'metadata', 'labels'));
}

/** metadata.annotations as strings. */
export function annotationsOf(object: KubeObject): Record<string, string> {
  return stringMap(objectAt(object, 'metadata', 'annotations'));
}

/** The entries of a JSON object whose values are strings; others are left out. */
export function stringMap(value: Json | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
