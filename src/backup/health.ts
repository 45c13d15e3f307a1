import type { LiveRelease } from '../kube/read-release.ts';
import type { Health, PodSettings } from '../model/backup.ts';
import { driftOf } from '../model/drift.ts';
import { newestRevision } from '../model/helm-release.ts';
import { displayName, groupOf } from '../model/object.ts';
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

/**
 * One line an object that differs from the manifest of the newest deployed revision, or is missing. Of kinds
 * that may not be read nobody knows what is missing.
 */
function driftLines(live: LiveRelease): string[] {
  const scalers = live.outlines('HorizontalPodAutoscaler');
  const denied = new Set(live.denied.map(({ type }) => kindOf(type)));
  return live.named.flatMap(({ ref, from, manifest, unfinished }) => {
    if (manifest === undefined || from !== 'manifest' || unfinished === true) return [];
    const object = live.find(ref);
    if (object === undefined) return denied.has(kindOf(ref)) ? [] : [`${displayName(ref)} is missing`];
    const scaled = scalers.some((hpa) => isScaledBy(object, hpa));
    const paths = driftOf(manifest, object, scaled ? ['spec.replicas'] : []);
    return paths.length === 0 ? [] : [`${displayName(ref)}: ${paths.join(', ')}`];
  });
}

function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
