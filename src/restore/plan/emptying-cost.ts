import { setTimeout as sleep } from 'node:timers/promises';
import { dialPods } from '../../backup/dial-pods.ts';
import { POD_DEADLINE_MS } from '../../backup/pod-deadline.ts';
import type { KubeClient } from '../../kube/client.ts';
import { livePodTargets, loginsOfLive } from '../../kube/live-pods.ts';
import { lookAtCaches } from '../../memcached/look-at-caches.ts';
import {
  type CacheLook,
  costOfEmptying,
  type EmptiedCaches,
  type EmptyingCost,
} from '../../model/cache/emptying-cost.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { LoginsOf } from '../../model/settings/auth-file.ts';
import type { PodTarget } from '../../model/settings/pod-settings.ts';
import type { Planned } from './plan-release.ts';

/** Between the two looks, at least: a cache of ten reads a second shows some of them. */
const INTERVAL_MS = 1000;

/** The plan with what it costs that caches are emptied, from a second look at their pods. */
export async function withEmptyingCost(
  kube: KubeClient,
  { plan, live, emptied, looks }: Planned,
): Promise<Plan> {
  if (emptied.length === 0) return plan;
  const before = { ...(looks === undefined ? {} : { before: looks }), loginsOf: loginsOfLive(live) };
  return { ...plan, emptyingCost: await measureCost(kube, emptied, livePodTargets(live), before) };
}

/**
 * Looks at the pods whose caches are to be emptied, a second after the first look, and works out what that costs. Where
 * nobody ever read what they hold, there is nothing to wait for.
 * @param targets where they answer; others among them are left alone.
 * @param known the first look, where it was taken already, and who may talk to the pods.
 */
export async function measureCost(
  kube: KubeClient,
  emptied: readonly EmptiedCaches[],
  targets: readonly PodTarget[],
  { before, loginsOf }: { before?: readonly CacheLook[]; loginsOf?: LoginsOf } = {},
): Promise<EmptyingCost> {
  const meant = new Set(emptied.flatMap(({ pods }) => pods));
  const { dial } = dialPods(kube);
  const look = (): Promise<CacheLook[]> =>
    lookAtCaches(
      targets.filter(({ pod }) => meant.has(pod)),
      dial,
      POD_DEADLINE_MS,
      loginsOf,
    );
  const first = (before ?? (await look())).filter(({ pod }) => meant.has(pod));
  if (first.every(({ counters }) => counters.reads === 0)) return costOfEmptying(emptied, first, []);
  const last = Math.max(...first.map(({ at }) => at));
  await sleep(Math.max(0, last + INTERVAL_MS - performance.now()));
  return costOfEmptying(emptied, first, await look());
}
