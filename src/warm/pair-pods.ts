import { numberAt } from '../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../model/kubernetes/object.ts';
import type { CacheInUse, CachePod } from './read-cache.ts';

/** Items go from one pod to another. */
export interface PodPair {
  from: CachePod;
  to: CachePod;
}

/**
 * Which pod's items go to which pod. Clients spread keys over the pods that they know, and look for each key in one of them alone: an item in
 * another pod is lost memory. So it is worked out where it can be told, and refused with the reason where it can't:
 * - any number of pods to a single one, which has every key;
 * - one pod to each pod of a Deployment or DaemonSet, which stand behind one address and may all be asked for everything;
 * - the pods of a StatefulSet to those of another with as many, by their ordinals: clients know them by name.
 * @param only the name of one pod of the target: one source goes to it whatever it is a pod of.
 * @returns the reason where it is refused: a clause.
 */
export function pairPods(source: CacheInUse, target: CacheInUse, only?: string): PodPair[] | string {
  if (only !== undefined && target.pods.every((pod) => pod.target.pod !== only))
    return `${target.name} has no pod of the name ${only} that is ready`;
  const pairs = pairsOf(source, target, only);
  if (typeof pairs === 'string' || only === undefined) return pairs;
  return pairs.filter(({ to }) => to.target.pod === only);
}

function pairsOf(source: CacheInUse, target: CacheInUse, only: string | undefined): PodPair[] | string {
  const [from] = source.pods;
  if (from === undefined) return `${source.name} has no pod`;
  if (source.pods.length === 1) {
    const others = target.pods.filter((pod) => !isSame(pod, from));
    const to = only === undefined ? others : others.filter((pod) => pod.target.pod === only);
    if (to.length === 0) return `pod/${from.target.pod} would be its own source`;
    const set = to.length === 1 && only !== undefined ? undefined : severalOf(target);
    if (set === undefined) return to.map((each) => ({ from, to: each }));
    return `clients look for each key in one of the ${podsWanted(target)} pods of ${set}, and they alone know in which`;
  }
  if (source.pods.some((pod) => target.pods.some((other) => isSame(pod, other))))
    return 'source and target have a pod in common';
  const [first] = target.pods;
  if (podsWanted(target) === 1 && first !== undefined)
    return source.pods.map((each) => ({ from: each, to: first }));
  return byOrdinal(source, target);
}

function byOrdinal(source: CacheInUse, target: CacheInUse): PodPair[] | string {
  for (const { name, pods } of [source, target]) {
    if (statefulSetOf(pods) === undefined)
      return `which keys clients look for in which of the ${pods.length} pods of ${name} is known of StatefulSets alone`;
  }
  const [from, to] = [inOrder(source.pods), inOrder(target.pods)];
  const isAlike =
    from.length === to.length && from.every(({ ordinal }, index) => ordinal === to[index]!.ordinal);
  if (podsWanted(source) !== podsWanted(target) || !isAlike) {
    const ready = `${namesOf(from)} of ${source.name} and ${namesOf(to)} of ${target.name} are ready`;
    return `${ready}, and should be as many of the same ordinals: clients look for most keys elsewhere where there are more or fewer pods`;
  }
  return from.map(({ pod }, index) => ({ from: pod, to: to[index]!.pod }));
}

interface OrderedPod {
  pod: CachePod;
  /** From 0, wherever the StatefulSet begins to count. */
  ordinal: number;
}

/** A pod of a StatefulSet is called SET-ORDINAL (Kubernetes, "StatefulSets"). */
function inOrder(pods: readonly CachePod[]): OrderedPod[] {
  return pods
    .map((pod) => ({
      pod,
      ordinal:
        Number(/-(\d{1,9})$/.exec(pod.target.pod)?.[1] ?? 0) -
        (numberAt(pod.workload, 'spec', 'ordinals', 'start') ?? 0),
    }))
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

function namesOf(pods: readonly OrderedPod[]): string {
  return pods.map(({ pod }) => pod.target.pod).join(', ');
}

/** How many pods there should be: one that is not ready now has its keys all the same. */
function podsWanted({ pods }: CacheInUse): number {
  const workloads = new Set(pods.map(({ workload }) => workload));
  const wanted = [...workloads].map((workload) => numberAt(workload, 'spec', 'replicas') ?? 0);
  return Math.max(
    pods.length,
    wanted.reduce((sum, each) => sum + each, 0),
  );
}

function isSame(pod: CachePod, other: CachePod): boolean {
  return pod.target.namespace === other.target.namespace && pod.target.pod === other.target.pod;
}

/** The StatefulSet of several pods of a target. */
function severalOf(target: CacheInUse): string | undefined {
  const set = podsWanted(target) > 1 ? statefulSetOf(target.pods) : undefined;
  return set === undefined ? undefined : displayName(refOf(set));
}

/** The one StatefulSet that controls all of these pods. */
function statefulSetOf(pods: readonly CachePod[]): KubeObject | undefined {
  const workload = pods[0]?.workload;
  if (workload?.kind !== 'StatefulSet') return undefined;
  return pods.every((pod) => pod.workload === workload) ? workload : undefined;
}
