import { arrayAt, stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { condition, rolloutBlockingReasons } from '../../model/kubernetes/rollout.ts';
import { waitsForEachPod } from '../../model/kubernetes/stuck-pods.ts';
import { controllerUid, isPodReady, podsOfWorkload } from '../../model/kubernetes/workload.ts';
import type { WorkloadNow } from './read-workload.ts';

/**
 * Why a rollout does not get on, each pod by its name. Pods of older templates that fail say nothing about the new
 * one, but where a StatefulSet waits for each of its pods. Where nothing else tells, the pods that are not ready, or
 * are not gone, are named as such. Pure.
 */
export function blockingReasons({ workload, replicaSets, pods }: WorkloadNow): string[] {
  const own = podsOfWorkload(workload, replicaSets, pods);
  const ordered = waitsForEachPod(workload);
  const waitedFor = own.filter(({ pod, current }) => (current || ordered) && !isPodReady(pod));
  const named = (pod: KubeObject): string => displayName(refOf(pod));
  const found = rolloutBlockingReasons(
    workload,
    waitedFor.map(({ pod }) => pod),
  );
  const silent = waitedFor.filter(({ pod }) => !found.some((line) => line.startsWith(`${named(pod)}: `)));
  return [
    ...found,
    ...silent.map(({ pod }) => {
      const message = stringAt(condition(pod, 'Ready'), 'message');
      return `${named(pod)}: it is not ready${message === undefined ? '' : `: ${message}`}`;
    }),
    ...going(workload, pods).map((pod) => {
      const holds = arrayAt(pod, 'metadata', 'finalizers').map(String);
      return `${named(pod)}: it is being deleted${holds.length === 0 ? '' : `, and its finalizer ${holds.join(', ')} holds it`}`;
    }),
    ...waitedFor
      .filter(({ current }) => !current)
      .map(
        ({ pod }) =>
          `${displayName(refOf(workload))} waits for ${named(pod)}, of an older template, to become ready (podManagementPolicy OrderedReady): it goes on once that pod is deleted`,
      ),
  ];
}

/** A StatefulSet's pods that are on their way out: none of their names is there twice. */
function going(workload: KubeObject, pods: KubeObject[]): KubeObject[] {
  if (workload.kind !== 'StatefulSet') return [];
  return pods.filter(
    (pod) =>
      controllerUid(pod) === uidOf(workload) && stringAt(pod, 'metadata', 'deletionTimestamp') !== undefined,
  );
}
