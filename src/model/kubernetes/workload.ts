import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from '../json/json.ts';
import { memcachedContainer } from '../settings/memcached-container.ts';
import { annotationsOf, groupOf, type KubeObject, labelsOf, nameOf, stringMap, uidOf } from './object.ts';

/** The kinds of which memcached runs. */
export const WORKLOAD_KINDS = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
] as const;

/** Of an object, or of what names one. */
export function isWorkload({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): boolean {
  return WORKLOAD_KINDS.some((workload) => workload[1] === kind) && groupOf(String(apiVersion)) === 'apps';
}

/** spec.template of a workload or Job, or of a CronJob's jobTemplate; undefined for anything else. */
export function podTemplateOf(object: KubeObject): JsonObject | undefined {
  return objectAt(object, 'spec', 'template') ?? objectAt(object, 'spec', 'jobTemplate', 'spec', 'template');
}

/** A workload whose pods run memcached, recognised by the container, not by anybody's name for it. */
export function isMemcachedWorkload(object: KubeObject): boolean {
  const spec = objectAt(podTemplateOf(object), 'spec');
  return isWorkload(object) && spec !== undefined && memcachedContainer(spec) !== undefined;
}

/** How many pods a workload should have: spec.replicas (1 where unset), for a DaemonSet one a fitting node. */
export function replicasOf(workload: KubeObject): number {
  if (workload.kind === 'DaemonSet') return numberAt(workload, 'status', 'desiredNumberScheduled') ?? 0;
  return numberAt(workload, 'spec', 'replicas') ?? 1;
}

/** uid of the object that controls this one; undefined without a controller. */
export function controllerUid(object: KubeObject): string | undefined {
  const owner = arrayAt(object, 'metadata', 'ownerReferences').find(
    (candidate) => isObject(candidate) && candidate.controller === true,
  );
  return stringAt(owner, 'uid');
}

/**
 * The ReplicaSet that holds a Deployment's present template: the one whose revision annotation is the
 * Deployment's (kubectl's deployment.NewReplicaSet finds the same one by comparing templates). Undefined
 * while the controller has not made it yet.
 */
export function currentReplicaSet(deployment: KubeObject, replicaSets: KubeObject[]): KubeObject | undefined {
  if (!isSeenByController(deployment)) return undefined;
  const revision = annotationsOf(deployment)['deployment.kubernetes.io/revision'];
  return replicaSets.find(
    (set) =>
      controllerUid(set) === uidOf(deployment) &&
      revision !== undefined &&
      annotationsOf(set)['deployment.kubernetes.io/revision'] === revision,
  );
}

/** Whether what the controller wrote of the workload is about the workload as it is now. */
export function isSeenByController(workload: KubeObject): boolean {
  const observed = numberAt(workload, 'status', 'observedGeneration') ?? 0;
  return (numberAt(workload, 'metadata', 'generation') ?? 0) <= observed;
}

export interface PodOfWorkload {
  pod: KubeObject;
  /** Made from the workload's template as it is now. */
  current: boolean;
}

/** The pods that a workload controls, in order of their names; terminating and finished ones left out. */
export function podsOfWorkload(
  workload: KubeObject,
  replicaSets: KubeObject[],
  pods: KubeObject[],
): PodOfWorkload[] {
  const controllers = new Set([uidOf(workload)]);
  for (const set of replicaSets) if (controllerUid(set) === uidOf(workload)) controllers.add(uidOf(set));
  const isCurrent = currentPods(workload, replicaSets);
  return pods
    .filter((pod) => controllers.has(controllerUid(pod)) && isRunningPod(pod))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((pod) => ({ pod, current: isCurrent(pod) }));
}

/**
 * Tells pods made from the present template: by the ReplicaSet for a Deployment, by the revision hash for a
 * StatefulSet (apps/v1 StatefulSetStatus.updateRevision), by the template's generation for a DaemonSet
 * (k8s.io/kubernetes/pkg/controller/daemon/util.IsPodUpdated).
 */
function currentPods(workload: KubeObject, replicaSets: KubeObject[]): (pod: KubeObject) => boolean {
  if (workload.kind === 'StatefulSet') {
    const revision = isSeenByController(workload)
      ? stringAt(workload, 'status', 'updateRevision')
      : undefined;
    return (pod) => revision !== undefined && labelsOf(pod)['controller-revision-hash'] === revision;
  }
  if (workload.kind === 'DaemonSet') {
    const generation = annotationsOf(workload)['deprecated.daemonset.template.generation'];
    return (pod) => generation !== undefined && labelsOf(pod)['pod-template-generation'] === generation;
  }
  const set = currentReplicaSet(workload, replicaSets);
  return (pod) => set !== undefined && controllerUid(pod) === uidOf(set);
}

function isRunningPod(pod: KubeObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return (
    stringAt(pod, 'metadata', 'deletionTimestamp') === undefined &&
    phase !== 'Succeeded' &&
    phase !== 'Failed'
  );
}

/** The pod's Ready condition. */
export function isPodReady(pod: KubeObject): boolean {
  return arrayAt(pod, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Ready' && stringAt(condition, 'status') === 'True',
  );
}

/** Whether an HPA drives this workload's replica count. */
export function isScaledBy(workload: KubeObject, hpa: KubeObject): boolean {
  const target = objectAt(hpa, 'spec', 'scaleTargetRef');
  return (
    stringAt(target, 'kind') === workload.kind &&
    stringAt(target, 'name') === nameOf(workload) &&
    groupOf(stringAt(target, 'apiVersion') ?? 'apps/v1') === 'apps'
  );
}

/** Whether a Service or PDB style selector (all labels equal) picks these labels; an empty one picks none. */
export function selects(selector: JsonObject | undefined, object: KubeObject): boolean {
  const wanted = Object.entries(stringMap(selector));
  const labels = labelsOf(object);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}
