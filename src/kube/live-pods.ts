import { type KubeObject, refOf, uidOf } from '../model/kubernetes/object.ts';
import { isWorkload } from '../model/kubernetes/workload.ts';
import { discoverReleases, type FoundRelease, type ReleaseName } from '../model/release/discover.ts';
import { type LoginsOf, loginsOfPods } from '../model/settings/auth-file.ts';
import { type PodTarget, podTargets } from '../model/settings/pod-settings.ts';
import type { Inventory } from './inventory.ts';
import type { LiveRelease } from './read-release.ts';

/** For connections that are opened ahead: how many pods a release has is known too late for that. */
export const LIKELY_PODS = 2;

export function ownedWorkloads(live: LiveRelease): KubeObject[] {
  return live.classified
    .filter(({ role, object }) => role === 'owned' && isWorkload(object))
    .map(({ object }) => object);
}

/** The memcached pods of the workloads that a live release owns. */
export function livePodTargets(live: LiveRelease): PodTarget[] {
  return targetsOf(ownedWorkloads(live), live);
}

/** The releases that a namespace seems to have, by the marks on its workloads: what Helm's records say is not known yet. */
export function likelyReleases(inventory: Inventory, namespace: string): FoundRelease[] {
  return discoverReleases(inventory.outlines(namespace).filter(isWorkload), () => undefined).releases;
}

/** The memcached pods that a release seems to have, by the same marks. */
export function likelyPods(
  inventory: Inventory,
  { namespace, release }: ReleaseName,
): { targets: PodTarget[]; loginsOf: LoginsOf } {
  const found = likelyReleases(inventory, namespace).find(
    (each) => each.namespace === namespace && each.release === release,
  );
  const read: Read = {
    find: (ref) => inventory.find(ref),
    controlled: (kind, controllers) => inventory.controlled(namespace, kind, controllers),
  };
  const workloads = (found?.workloads ?? []).map((workload) => read.find(refOf(workload)));
  return {
    targets: targetsOf(
      workloads.filter((workload) => workload !== undefined),
      read,
    ),
    loginsOf: loginsOfLive(read),
  };
}

type Read = Pick<LiveRelease, 'find' | 'controlled'>;

function targetsOf(workloads: KubeObject[], read: Read): PodTarget[] {
  const own = read.controlled('ReplicaSet', uidsOf(workloads));
  // Of a namespace full of pods only the release's own are looked at as a whole.
  const pods = read
    .controlled('Pod', uidsOf([...workloads, ...own]))
    .map((pod) => read.find(refOf(pod)))
    .filter((pod) => pod !== undefined);
  return podTargets(workloads, own, pods);
}

/** Who may talk to a live release's pods, by its Secrets and ConfigMaps as they were read. */
export function loginsOfLive({ find }: Pick<LiveRelease, 'find'>): LoginsOf {
  return (target) => {
    const { namespace, pod: name } = target;
    const pod = find({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    return pod === undefined ? [] : loginsOfPods([pod], [find])(target);
  };
}

function uidsOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.map(uidOf))].filter((uid) => uid !== undefined);
}
