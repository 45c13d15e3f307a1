import type { RestoreSource } from '../backup/source.ts';
import { numberAt, objectAt } from '../model/json/json.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { isMemcachedWorkload, isScaledBy, podTemplateOf, replicasOf } from '../model/kubernetes/workload.ts';
import type { PodLimits } from '../restore/plan/pod-limits.ts';
import { type NodeRoom, podsThatFit, podsWithinQuota } from './node-room.ts';

/** How many pods a drill gives each workload. */
export interface WantedReplicas {
  of(ref: ObjectRef): number | undefined;
  /** Where they are fewer than wanted, or nobody could look: a clause each. */
  notes: string[];
}

/** What there is room for. */
export interface Room {
  /** undefined: nodes or pods may not be listed. */
  nodes: NodeRoom[] | undefined;
  limits: PodLimits;
}

/**
 * As many pods as in the backup, at an autoscaler's minimum where there is one; where nodes or quotas have no room for them as many as fit,
 * but one at least, for what is reckoned here the scheduler may know better. `asked` is taken at its word. Pure.
 */
export function wantedReplicas(
  { objects }: Pick<RestoreSource, 'objects'>,
  asked: number | undefined,
  room: Room | undefined,
): WantedReplicas {
  const notes: string[] = [];
  const counts = new Map<string, number>();
  const scalers = objects.map(({ raw }) => raw).filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  for (const { ref, raw } of objects) {
    if (!isMemcachedWorkload(raw) || raw.kind === 'DaemonSet') continue;
    const wanted = asked ?? ownCount(raw, scalers);
    const fits = room === undefined ? wanted : Math.max(Math.min(wanted, 1), fitting(raw, wanted, room));
    if (fits < wanted) {
      notes.push(`there is room for ${fits} of the ${wanted} pods of ${displayName(ref)} beside what runs`);
    }
    counts.set(keyOf(ref), fits);
  }
  if (room !== undefined && room.nodes === undefined) {
    notes.push('whether the nodes have room was not looked at: nodes and pods may not be listed');
  }
  return { of: (ref) => counts.get(keyOf(ref)), notes };
}

function ownCount(workload: KubeObject, scalers: KubeObject[]): number {
  const scaler = scalers.find((each) => isScaledBy(workload, each));
  return scaler === undefined ? replicasOf(workload) : (numberAt(scaler, 'spec', 'minReplicas') ?? 1);
}

function fitting(workload: KubeObject, wanted: number, { nodes, limits }: Room): number {
  const podSpec = objectAt(podTemplateOf(workload), 'spec') ?? {};
  const within = Math.min(wanted, podsWithinQuota(podSpec, limits));
  return nodes === undefined ? within : podsThatFit(podSpec, within, nodes);
}
