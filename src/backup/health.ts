import type { LiveRelease } from '../kube/read-release.ts';
import type { Health, PodSettings } from '../model/backup.ts';
import { driftOf } from '../model/drift.ts';
import { effectiveRevision, newestRevision } from '../model/helm-release.ts';
import { displayName } from '../model/object.ts';
import { isMemcachedWorkload, isScaledBy, replicasOf } from '../model/workload.ts';

/** How the release was doing: pods, Helm's status, and what differs from what its manifest asks for. */
export function healthOf(live: LiveRelease, pods: PodSettings[]): Health {
  const workloads = live.placed.filter(({ object, role }) => role === 'owned' && isMemcachedWorkload(object));
  const status = newestRevision(live.history)?.status;
  return {
    podsReady: pods.filter((pod) => pod.ready).length,
    podsWanted: workloads.reduce((sum, { object }) => sum + replicasOf(object), 0),
    ...(status === undefined ? {} : { releaseStatus: status }),
    drift: driftLines(live),
  };
}

/** One line an object that differs from the manifest of the newest deployed revision, or is missing. */
function driftLines(live: LiveRelease): string[] {
  if (effectiveRevision(live.history) === undefined) return [];
  const scalers = live.all('HorizontalPodAutoscaler');
  return live.named.flatMap(({ ref, from, manifest }) => {
    if (manifest === undefined || from !== 'manifest') return [];
    const object = live.find(ref);
    if (object === undefined) return [`${displayName(ref)} is missing`];
    const scaled = scalers.some((hpa) => isScaledBy(object, hpa));
    const paths = driftOf(manifest, object, scaled ? ['spec.replicas'] : []);
    return paths.length === 0 ? [] : [`${displayName(ref)}: ${paths.join(', ')}`];
  });
}
