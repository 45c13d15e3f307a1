import { arrayAt, type JsonObject, jsonEqual, numberAt, objectAt, stringAt, valueAt } from '../json/json.ts';
import { memcachedContainer } from '../settings/memcached-container.ts';
import { type KubeObject, nameOf } from './object.ts';
import { condition } from './rollout.ts';
import { isPodReady, type PodOfWorkload } from './workload.ts';

/** The kubelet writes a pod's start and its first conditions from one clock, in whole seconds. */
const SAME_MOMENT_MS = 1000;

/**
 * Whether a StatefulSet replaces a pod only when it, and each before it, is ready. A pod that never becomes ready is
 * then never replaced, whatever its template becomes: it has to be deleted (Kubernetes, "StatefulSets: Forced
 * rollback"; podManagementPolicy OrderedReady is the default).
 */
export function waitsForEachPod(workload: KubeObject): boolean {
  const isOrdered = (stringAt(workload, 'spec', 'podManagementPolicy') ?? 'OrderedReady') === 'OrderedReady';
  const isOnDelete = stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  return workload.kind === 'StatefulSet' && isOrdered && !isOnDelete;
}

/**
 * Whether a pod was never ready: it is not, its memcached is not, and its condition Ready has not changed since the
 * kubelet took it up (or nobody took it up). Where that can't be told it counts as having been ready.
 */
export function wasNeverReady(pod: KubeObject): boolean {
  if (isPodReady(pod) || stringAt(condition(pod, 'ContainersReady'), 'status') === 'True') return false;
  const memcached = stringAt(memcachedContainer(objectAt(pod, 'spec') ?? {})?.container, 'name');
  const servesNow = arrayAt(pod, 'status', 'containerStatuses').some(
    (status) => valueAt(status, 'ready') === true && stringAt(status, 'name') === memcached,
  );
  if (servesNow) return false;
  const startedAt = stringAt(pod, 'status', 'startTime');
  const changes = ['Ready', 'ContainersReady'].flatMap(
    (type) => stringAt(condition(pod, type), 'lastTransitionTime') ?? [],
  );
  if (startedAt === undefined) return changes.length === 0 && stringAt(pod, 'status', 'phase') === 'Pending';
  return (
    changes.length === 2 && changes.every((at) => Date.parse(at) - Date.parse(startedAt) <= SAME_MOMENT_MS)
  );
}

/** Whether a pod's memcached is not running, as the kubelet last told: it crashed, or never started, and holds no cache. */
export function isMemcachedDown(pod: KubeObject): boolean {
  const memcached = stringAt(memcachedContainer(objectAt(pod, 'spec') ?? {})?.container, 'name');
  const status = arrayAt(pod, 'status', 'containerStatuses').find(
    (each) => stringAt(each, 'name') === memcached,
  );
  return (
    objectAt(status, 'state', 'waiting') !== undefined ||
    objectAt(status, 'state', 'terminated') !== undefined
  );
}

/** Those of a StatefulSet's pods that were never ready and that its partition lets change, in the controller's order. */
export function neverReadyPods(set: KubeObject, pods: readonly PodOfWorkload[]): PodOfWorkload[] {
  if (!waitsForEachPod(set)) return [];
  const first = numberAt(set, 'spec', 'ordinals', 'start') ?? 0;
  const kept = first + (numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0);
  return pods
    .filter(({ pod }) => wasNeverReady(pod) && ordinalOf(pod) >= kept)
    .sort((a, b) => ordinalOf(a.pod) - ordinalOf(b.pod));
}

function ordinalOf(pod: KubeObject): number {
  return Number(/\d+$/.exec(nameOf(pod))?.[0] ?? 0);
}

/** Whether a pod runs what a template says, as far as its containers tell. */
export function isMadeFrom(pod: KubeObject, template: JsonObject | undefined): boolean {
  const made = arrayAt(pod, 'spec', 'containers');
  return arrayAt(template, 'spec', 'containers').every((container) => {
    const twin = made.find((other) => stringAt(other, 'name') === stringAt(container, 'name'));
    return ['image', 'command', 'args', 'env', 'envFrom', 'resources', 'readinessProbe'].every((field) =>
      jsonEqual(valueAt(twin, field), valueAt(container, field)),
    );
  });
}
