import type { Repair } from '../model/findings/finding.ts';
import { foreignManager } from '../model/kubernetes/foreign-manager.ts';
import { displayName, type KubeObject, nameOf, refOf, uidOf } from '../model/kubernetes/object.ts';

/**
 * Restarts pods of a workload, by eviction: its template stays as it is, and whatever Helm or kubectl know of it
 * too. Nothing where Argo CD, Flux or an operator looks after it.
 * @param stale the pods that want it; the others keep what is in their caches.
 */
export function restartRepair(workload: KubeObject, stale: readonly KubeObject[]): { repair?: Repair } {
  if (foreignManager(workload) !== undefined) return {};
  const ref = refOf(workload);
  const pods = stale.flatMap((pod) => {
    const uid = uidOf(pod);
    return uid === undefined ? [] : [{ name: nameOf(pod), uid }];
  });
  return {
    repair: { what: `restart the pods of ${displayName(ref)}`, steps: [{ action: 'restart', ref, pods }] },
  };
}
