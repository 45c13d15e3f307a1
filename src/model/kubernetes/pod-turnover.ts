import { type JsonObject, numberAt, stringAt } from '../json/json.ts';
import type { KubeObject } from './object.ts';

/** Pods of one workload before and after a change. */
export interface PodTurnover {
  /** "deployment.apps/cart" */
  workload: string;
  /** Specs of the pods that go; they are counted in the quotas' use. */
  leaving: JsonObject[];
  /** spec of the pods that come, and how many. */
  arriving: { podSpec: JsonObject; count: number };
  /** Pods that have to come before the first one goes, at least: a surge with nothing unavailable. */
  before: number;
}

/**
 * How many pods have to come before the first old one goes. A Deployment's defaults are 25 % for both, of which
 * one replica may not spare any (k8s.io/kubernetes/pkg/controller/deployment/util, ResolveFenceposts).
 */
export function podsBefore(workload: KubeObject, replicas: number): number {
  if (replicas === 0) return 0;
  if (workload.kind === 'DaemonSet') {
    const path = ['spec', 'updateStrategy', 'rollingUpdate', 'maxSurge'];
    const surge = share(workload, path, 0, { replicas, round: Math.ceil });
    return surge > 0 ? 1 : 0;
  }
  if (workload.kind !== 'Deployment') return 0;
  if (stringAt(workload, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  const path = (field: string): string[] => ['spec', 'strategy', 'rollingUpdate', field];
  const surge = share(workload, path('maxSurge'), '25%', { replicas, round: Math.ceil });
  const unavailable = share(workload, path('maxUnavailable'), '25%', { replicas, round: Math.floor });
  return unavailable === 0 && surge > 0 ? 1 : 0;
}

/** A number, or a percentage of the replicas. */
function share(
  object: KubeObject,
  path: string[],
  fallback: number | string,
  { replicas, round }: { replicas: number; round: (amount: number) => number },
): number {
  const value = numberAt(object, ...path) ?? stringAt(object, ...path) ?? fallback;
  if (typeof value === 'number') return value;
  return round((Number.parseFloat(value) / 100) * replicas);
}
