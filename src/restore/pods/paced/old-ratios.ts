import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '../../../errors/map-limited.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { hitRatioOf, trafficBetween } from '../../../model/cache/cache-counters.ts';
import { type CountersAt, TELLING_READS } from '../../../model/cache/recent-traffic.ts';
import { displayName, keyOf, nameOf, type ObjectRef } from '../../../model/kubernetes/object.ts';
import { isPodReady, podsOfWorkload } from '../../../model/kubernetes/workload.ts';
import { readWorkload } from '../read-workload.ts';
import type { LookAtPod } from './pace.ts';

/** Between two looks, and for how long at the most pods are looked at that are seldom read, milliseconds. */
const INTERVAL_MS = 1000;
const LEAST_MS = 3000;
const MOST_MS = 10_000;
const AT_ONCE = 16;

/** The hit ratios of a workload's pods before any of them was replaced. */
export interface OldRatios {
  /** Of the pod of this name; of all where it was hardly read, or is none of them. Undefined where all were hardly read. */
  of(pod: string): number | undefined;
  /** Whether any of them said what it counts. */
  isCounted: boolean;
}

/**
 * Looks at the pods of workloads until their counters tell how often they have what they are asked for: some seconds, for
 * what they counted in all their lives says what once was.
 */
export async function readOldRatios(
  kube: KubeClient,
  workloads: readonly ObjectRef[],
  look: LookAtPod,
  { signal, onProgress }: { signal: AbortSignal; onProgress(line: string): void },
): Promise<ReadonlyMap<string, OldRatios>> {
  const ratios = await Promise.all(
    workloads.map(async (ref): Promise<[string, OldRatios]> => {
      onProgress(`Looking at the hit ratio of ${displayName(ref)}`);
      return [keyOf(ref), await ratiosOf(kube, ref, look, signal)];
    }),
  );
  return new Map(ratios);
}

async function ratiosOf(
  kube: KubeClient,
  ref: ObjectRef,
  look: LookAtPod,
  signal: AbortSignal,
): Promise<OldRatios> {
  const now = await readWorkload(kube, ref);
  const pods =
    now === undefined
      ? []
      : podsOfWorkload(now.workload, now.replicaSets, now.pods)
          .map(({ pod }) => pod)
          .filter(isPodReady);
  const first = new Map<string, CountersAt>();
  const traffic = new Map<string, { hits: number; misses: number }>();
  const since = performance.now();
  const lookAtAll = async (told: (name: string, at: CountersAt) => void): Promise<void> => {
    await mapLimited(pods, AT_ONCE, async (pod) => {
      const at = await look(now!.workload, pod);
      if (at !== undefined) told(nameOf(pod), at);
    });
  };
  await lookAtAll((name, at) => first.set(name, at));
  while (first.size > 0 && !signal.aborted) {
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
    const passed = performance.now() - since;
    if (passed < LEAST_MS) continue;
    await lookAtAll((name, at) => {
      const before = first.get(name);
      const between = before && trafficBetween(before.counters, at.counters);
      if (between !== undefined) traffic.set(name, between);
    });
    // Whom nobody reads at all, nobody will read more often.
    const isTelling = [...traffic.values()].every(
      (each) => isTellingTraffic(each) || each.hits + each.misses === 0,
    );
    if (isTelling || passed >= MOST_MS) break;
  }
  const all = [...traffic.values()].reduce(
    (sum, { hits, misses }) => ({ hits: sum.hits + hits, misses: sum.misses + misses }),
    { hits: 0, misses: 0 },
  );
  const ratioOf = (of: { hits: number; misses: number } | undefined): number | undefined =>
    of !== undefined && isTellingTraffic(of) ? hitRatioOf(of) : undefined;
  return {
    of: (pod) => ratioOf(traffic.get(pod)) ?? ratioOf(all),
    isCounted: pods.length === 0 || first.size > 0,
  };
}

function isTellingTraffic({ hits, misses }: { hits: number; misses: number }): boolean {
  return hits + misses >= TELLING_READS;
}
