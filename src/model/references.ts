import { arrayAt, isObject, type Json, type JsonObject, objectAt, stringAt } from './json.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import { podTemplateOf } from './workload.ts';

/** An object named by another one of the same namespace, and the place that names it. */
export interface Reference {
  ref: Omit<ObjectRef, 'namespace'>;
  /** "env", "envFrom", "volumes", "imagePullSecrets", "serviceAccountName", "secrets" */
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

function containersOf(podSpec: JsonObject): JsonObject[] {
  const all: Json[] = [...arrayAt(podSpec, 'initContainers'), ...arrayAt(podSpec, 'containers')];
  return all.filter(isObject);
}
