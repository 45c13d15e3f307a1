import { arrayAt, isObject, type Json, type JsonObject, stringAt, valueAt } from '../../model/json/json.ts';

/** Something that a pod needs before its containers start: an object of its namespace, or one key of it. */
export interface PodNeed {
  kind: 'Secret' | 'ConfigMap' | 'ServiceAccount';
  name: string;
  key?: string;
}

/**
 * What a pod can't start without (Kubernetes API reference, PodSpec): what its env, envFrom and volumes name
 * and don't call optional, and its service account. A missing image pull Secret only makes the pull anonymous.
 */
export function needsOf(podSpec: JsonObject): PodNeed[] {
  const containers = [...arrayAt(podSpec, 'initContainers'), ...arrayAt(podSpec, 'containers')];
  const account = stringAt(podSpec, 'serviceAccountName');
  const needs = [
    ...(account === undefined || account === 'default'
      ? []
      : [{ kind: 'ServiceAccount', name: account } satisfies PodNeed]),
    ...containers.flatMap((container) => [
      ...arrayAt(container, 'env').flatMap((entry) => [
        ...keyNeed('Secret', valueAt(entry, 'valueFrom', 'secretKeyRef')),
        ...keyNeed('ConfigMap', valueAt(entry, 'valueFrom', 'configMapKeyRef')),
      ]),
      ...arrayAt(container, 'envFrom').flatMap((entry) => [
        ...objectNeed('Secret', valueAt(entry, 'secretRef'), 'name'),
        ...objectNeed('ConfigMap', valueAt(entry, 'configMapRef'), 'name'),
      ]),
    ]),
    ...arrayAt(podSpec, 'volumes').flatMap(volumeNeeds),
  ];
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

function volumeNeeds(volume: Json): PodNeed[] {
  return [
    ...objectNeed('Secret', valueAt(volume, 'secret'), 'secretName'),
    ...objectNeed('ConfigMap', valueAt(volume, 'configMap'), 'name'),
    ...arrayAt(volume, 'projected', 'sources').flatMap((source) => [
      ...objectNeed('Secret', valueAt(source, 'secret'), 'name'),
      ...objectNeed('ConfigMap', valueAt(source, 'configMap'), 'name'),
    ]),
  ];
}

function keyNeed(kind: PodNeed['kind'], ref: Json | undefined): PodNeed[] {
  const key = stringAt(ref, 'key');
  return objectNeed(kind, ref, 'name').map((need) => (key === undefined ? need : { ...need, key }));
}

/** The object, or the keys of it that `items` wants. */
function objectNeed(kind: PodNeed['kind'], ref: Json | undefined, field: string): PodNeed[] {
  const name = stringAt(ref, field);
  if (!isObject(ref) || name === undefined || ref.optional === true) return [];
  const keys = arrayAt(ref, 'items').flatMap((item) => stringAt(item, 'key') ?? []);
  return keys.length === 0 ? [{ kind, name }] : keys.map((key) => ({ kind, name, key }));
}
