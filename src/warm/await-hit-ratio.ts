import { setTimeout as sleep } from 'node:timers/promises';
import { dialPods } from '../backup/dial-pods.ts';
import { brokenOff } from '../errors/interruptible.ts';
import type { KubeClient } from '../kube/client.ts';
import type { MemcachedClient } from '../memcached/memcached-client.ts';
import { openPod } from '../memcached/open-pod.ts';
import {
  type CacheCounters,
  cacheCounters,
  hitRatioOf,
  trafficBetween,
} from '../model/cache/cache-counters.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { progressBar } from './progress-bar.ts';
import type { CacheInUse } from './read-cache.ts';
import type { HitRatioReached } from './warm-report.ts';

/** How a goal is waited for. */
export interface HitRatioGoal {
  /** 0 to 1. */
  goal: number;
  timeoutMs: number;
}

const EVERY_MS = 1000;
/** The ratio is that of the last so many looks: long enough for a steady number, short enough to show what is now. */
const WINDOW = 10;
/** Fewer reads in it say nothing. */
const LEAST_READS = 100;
const SILENCE_MS = 10_000;

/** Looks of one pod, the newest last. */
interface Watched {
  pod: string;
  client: MemcachedClient;
  looks: { at: number; counters: CacheCounters }[];
}

/**
 * Watches the hit ratio of the last ten seconds, by the counters' growth, until each pod that is read has reached the goal, or the time is
 * over. A lifetime ratio says what once was. Pods of which fewer than 100 keys are read in that time prove nothing: they hold nothing up,
 * but at least one must be read.
 * @throws MemcachedError where a pod can't be asked; BrokenOffError.
 */
export async function awaitHitRatio(
  kube: KubeClient,
  { pods, name }: CacheInUse,
  { goal, timeoutMs }: HitRatioGoal,
  { io, signal }: CommandContext,
): Promise<HitRatioReached> {
  const { dial } = dialPods(kube);
  const watched: Watched[] = [];
  const began = performance.now();
  const wait = { since: Date.now(), limitMs: timeoutMs };
  try {
    for (const { target, credentials } of pods) {
      const client = await openPod(target, dial, SILENCE_MS, credentials);
      watched.push({ pod: target.pod, client, looks: [] });
    }
    return await showing(io, `Hit ratio of ${name}`, async (update) => {
      for (;;) {
        await Promise.all(watched.map(look));
        const now = {
          goal,
          isReached: isReached(watched, goal),
          seconds: (performance.now() - began) / 1000,
        };
        const state = watched.map((each) => stateOf(each));
        if (now.isReached || performance.now() - began >= timeoutMs) return { ...now, pods: state };
        update(inWords(state, goal), wait);
        await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
        if (signal.aborted) throw brokenOff(signal, undefined, { untouched: 'what is in the cache stays' });
      }
    });
  } finally {
    for (const { client } of watched) client.close();
  }
}

async function look(each: Watched): Promise<void> {
  each.looks.push({ counters: cacheCounters(await each.client.stats()), at: performance.now() });
  if (each.looks.length > WINDOW + 1) each.looks.shift();
}

function stateOf({ pod, looks }: Watched): HitRatioReached['pods'][number] {
  const [first, last] = [looks[0], looks.at(-1)];
  const traffic =
    first === undefined || last === undefined ? undefined : trafficBetween(first.counters, last.counters);
  if (traffic === undefined || first === undefined || last === undefined || last.at <= first.at)
    return { pod, readsPerSecond: 0 };
  const reads = traffic.hits + traffic.misses;
  const ratio = reads < LEAST_READS ? undefined : hitRatioOf(traffic);
  return {
    pod,
    ...(ratio === undefined ? {} : { ratio: Number(ratio.toFixed(4)) }),
    readsPerSecond: Number((reads / ((last.at - first.at) / 1000)).toFixed(1)),
  };
}

/** A window that is not full yet may be a lucky moment. */
function isReached(watched: readonly Watched[], goal: number): boolean {
  if (watched.some(({ looks }) => looks.length <= WINDOW)) return false;
  const ratios = watched.flatMap((each) => stateOf(each).ratio ?? []);
  return ratios.length > 0 && ratios.every((ratio) => ratio >= goal);
}

/** "hits [████      ] 62 % of 90 %, 480 reads a second": of the pod that is furthest from the goal. */
function inWords(state: HitRatioReached['pods'], goal: number): string {
  const reads = state.reduce((sum, { readsPerSecond }) => sum + readsPerSecond, 0);
  const ratios = state.flatMap(({ ratio }) => ratio ?? []);
  const least = ratios.length === 0 ? undefined : Math.min(...ratios);
  const shown = least === undefined ? 'too few reads to tell' : progressBar(least);
  return `hits ${shown} of ${Math.round(100 * goal)} %, ${Math.round(reads)} reads a second`;
}
