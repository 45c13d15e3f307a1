import type { CountersAt } from '../../../model/cache/recent-traffic.ts';
import type { KubeObject, ObjectRef } from '../../../model/kubernetes/object.ts';

/** How gently pods are replaced. */
export interface Pace {
  /** The share of the old hit ratio that a new pod has to be back at, 0 to 1. */
  hitRatio: number;
  /** How long one pod is waited for to be back at it, milliseconds; then the next one goes all the same. */
  timeoutMs: number;
  /** Whether each pod's items are carried over to its successor. */
  warmFromOld?: boolean;
}

export const DEFAULT_PACE: Pace = { hitRatio: 0.9, timeoutMs: 5 * 60_000 };

/** The flags that ask for it, a word each. */
export function paceFlags({ hitRatio, timeoutMs, warmFromOld }: Pace): string[] {
  return [
    '--paced',
    ...(hitRatio === DEFAULT_PACE.hitRatio ? [] : ['--hit-ratio', String(hitRatio)]),
    ...(timeoutMs === DEFAULT_PACE.timeoutMs ? [] : ['--pace-timeout', `${timeoutMs / 1000}s`]),
    ...(warmFromOld === true ? ['--warm-from-old'] : []),
  ];
}

/** What a new pod got of an old one's items. */
export interface CarriedItems {
  from: ObjectRef;
  /** Items that the new pod has of it. */
  stored: number;
  /** It had some of them already: fresh writes win. */
  kept: number;
  /** What it has no room for, or refused. */
  refused: number;
  /** Items that went from it to make room meanwhile. */
  evicted: number;
}

/** What was waited for after one pod was replaced, and what came of it. */
export interface PacedPod {
  pod: ObjectRef;
  workload: ObjectRef;
  /**
   * warm: it was back at its share of the old hit ratio; hardly-read: nobody asked it enough to tell, before or after;
   * timed-out: it was not back in time; not-counted: it does not say what it counts.
   */
  outcome: 'warm' | 'hardly-read' | 'timed-out' | 'not-counted';
  /** Of the pods before, 0 to 1; absent where they were hardly read. */
  oldHitRatio?: number;
  /** Its own, over the last seconds; absent where it was hardly read. */
  hitRatio?: number;
  /** From when it was ready and had what was carried over. */
  seconds: number;
  /** With --warm-from-old: what it got of its predecessor; absent where that could not be. */
  carried?: CarriedItems;
}

/** Asks a pod's memcached what it has counted; undefined where it does not say. */
export type LookAtPod = (workload: KubeObject, pod: KubeObject) => Promise<CountersAt | undefined>;
