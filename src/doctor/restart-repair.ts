import type { Repair } from '../model/finding.ts';
import { foreignManager } from '../model/foreign-manager.ts';
import { displayName, type KubeObject, refOf } from '../model/object.ts';

/**
 * Restarts a workload's pods, by eviction: its template stays as it is, and whatever Helm or kubectl know of it
 * too. Undefined where Argo CD, Flux or an operator looks after it.
 */
export function restartRepair(workload: KubeObject): { repair?: Repair } {
  if (foreignManager(workload) !== undefined) return {};
  const ref = refOf(workload);
  return { repair: { what: `restart the pods of ${displayName(ref)}`, steps: [{ action: 'restart', ref }] } };
}
