import { type KubeObject, refOf, uidOf } from '../model/kubernetes/object.ts';
import { controllerUid, isWorkload } from '../model/kubernetes/workload.ts';
import { type LoginsOf, loginsOfPods } from '../model/settings/auth-file.ts';
import { type PodTarget, podTargets } from '../model/settings/pod-settings.ts';
import type { LiveRelease } from './read-release.ts';

export function ownedWorkloads(live: LiveRelease): KubeObject[] {
  return live.classified
    .filter(({ role, object }) => role === 'owned' && isWorkload(object))
    .map(({ object }) => object);
}

/** The memcached pods of the workloads that a live release owns. */
export function livePodTargets(live: LiveRelease): PodTarget[] {
  const workloads = ownedWorkloads(live);
  const own = controlledBy(workloads, live.outlines('ReplicaSet'));
  // Of a namespace full of pods only the release's own are looked at as a whole.
  const pods = controlledBy([...workloads, ...own], live.outlines('Pod'))
    .map((pod) => live.find(refOf(pod)))
    .filter((pod) => pod !== undefined);
  return podTargets(workloads, own, pods);
}

/** Who may talk to a live release's pods, by its Secrets and ConfigMaps as they were read. */
export function loginsOfLive(live: LiveRelease): LoginsOf {
  return (target) => {
    const { namespace, pod: name } = target;
    const pod = live.find({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    return pod === undefined ? [] : loginsOfPods([pod], [live.find])(target);
  };
}

function controlledBy(controllers: KubeObject[], objects: KubeObject[]): KubeObject[] {
  const uids = new Set(controllers.map(uidOf));
  return objects.filter((object) => uids.has(controllerUid(object)));
}
