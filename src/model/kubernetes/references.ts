import { arrayAt, isObject, type Json, type JsonObject, numberAt, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, nameOf, type ObjectRef } from './object.ts';
import { podTemplateOf, replicasOf } from './workload.ts';

/** An object named by another one of the same namespace, and the place that names it. */
export interface Reference {
  ref: Omit<ObjectRef, 'namespace'>;
  /** "env", "envFrom", "volumes", "imagePullSecrets", "serviceAccountName", "volumeClaimTemplates" */
  by: string;
}

/**
 * What an object needs to work and names itself: for a workload what its pod template's env, envFrom,
 * volumes, imagePullSecrets and serviceAccountName name (Kubernetes API reference, PodSpec); for a
 * ServiceAccount its image pull Secrets. Token Secrets of a ServiceAccount are made by the cluster.
 */
export function referencesOf(object: KubeObject): Reference[] {
  const found: Reference[] = [];
  const add = (by: string, kind: string, name: string | undefined): void => {
    if (name !== undefined && name !== '') found.push({ by, ref: { apiVersion: 'v1', kind, name } });
  };
  if (object.kind === 'ServiceAccount') {
    for (const secret of arrayAt(object, 'imagePullSecrets'))
      add('imagePullSecrets', 'Secret', stringAt(secret, 'name'));
    return found;
  }
  if (object.kind === 'StatefulSet') {
    for (const name of claimNames(object)) add('volumeClaimTemplates', 'PersistentVolumeClaim', name);
  }
  const spec = objectAt(podTemplateOf(object), 'spec');
  if (spec === undefined) return found;
  for (const container of containersOf(spec)) {
    for (const entry of arrayAt(container, 'env')) {
      add('env', 'Secret', stringAt(entry, 'valueFrom', 'secretKeyRef', 'name'));
      add('env', 'ConfigMap', stringAt(entry, 'valueFrom', 'configMapKeyRef', 'name'));
    }
    for (const entry of arrayAt(container, 'envFrom')) {
      add('envFrom', 'Secret', stringAt(entry, 'secretRef', 'name'));
      add('envFrom', 'ConfigMap', stringAt(entry, 'configMapRef', 'name'));
    }
  }
  for (const volume of arrayAt(spec, 'volumes')) {
    add('volumes', 'PersistentVolumeClaim', stringAt(volume, 'persistentVolumeClaim', 'claimName'));
    add('volumes', 'Secret', stringAt(volume, 'secret', 'secretName'));
    add('volumes', 'ConfigMap', stringAt(volume, 'configMap', 'name'));
    add('volumes', 'Secret', stringAt(volume, 'csi', 'nodePublishSecretRef', 'name'));
    for (const source of arrayAt(volume, 'projected', 'sources')) {
      add('volumes', 'Secret', stringAt(source, 'secret', 'name'));
      add('volumes', 'ConfigMap', stringAt(source, 'configMap', 'name'));
    }
  }
  for (const secret of arrayAt(spec, 'imagePullSecrets'))
    add('imagePullSecrets', 'Secret', stringAt(secret, 'name'));
  add('serviceAccountName', 'ServiceAccount', stringAt(spec, 'serviceAccountName'));
  return found;
}

/** The claims of a StatefulSet's present replicas: TEMPLATE-SET-ORDINAL (Kubernetes, "StatefulSets"). */
function claimNames(set: KubeObject): string[] {
  const start = numberAt(set, 'spec', 'ordinals', 'start') ?? 0;
  return arrayAt(set, 'spec', 'volumeClaimTemplates').flatMap((template) =>
    Array.from(
      { length: replicasOf(set) },
      (_, index) => `${stringAt(template, 'metadata', 'name')}-${nameOf(set)}-${start + index}`,
    ),
  );
}

function containersOf(podSpec: JsonObject): JsonObject[] {
  const all: Json[] = [...arrayAt(podSpec, 'initContainers'), ...arrayAt(podSpec, 'containers')];
  return all.filter(isObject);
}
