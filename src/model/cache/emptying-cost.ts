import { type CacheCounters, hitRatioOf, trafficBetween } from './cache-counters.ts';

/** What one memcached had counted at one moment. */
export interface CacheLook {
  /** The pod's name. */
  pod: string;
  /** Milliseconds on performance.now()'s clock. */
  at: number;
  counters: CacheCounters;
}

/** Pods of one workload that lose their cache: so many of those named, all of them or which is not known. */
export interface EmptiedCaches {
  /** Names of the pods that serve. */
  pods: string[];
  count: number;
}

/** What is lost where caches are emptied, and what their clients will ask of the database instead. */
export interface EmptyingCost {
  items: number;
  /** That the items take. */
  bytes: number;
  /** The share of reads that found something while they were looked at, 0 to 1; absent where nobody read. */
  hitRatio?: number;
  /** Reads that found something, and that an empty cache sends on, a second. */
  hitsPerSecond: number;
  /** How long they were looked at; 0 where nobody ever read what is in them. */
  seconds: number;
  /** Which of the pods go is not known: of as many as go, those that hold the most. */
  atMost?: true;
  /** Pods that did not answer; absent where all did. */
  unanswered?: string[];
}

/**
 * Works out the cost from two looks at the pods. Pure.
 * @param first, second in any order, of any pods. One that is missing in `first` did not answer; nor did one that is missing in
 * `second`, unless nobody had ever read from it.
 */
export function costOfEmptying(
  emptied: readonly EmptiedCaches[],
  first: readonly CacheLook[],
  second: readonly CacheLook[],
): EmptyingCost {
  const after = new Map(second.map((look) => [look.pod, look]));
  const known = new Map(
    first.flatMap((look) => {
      const again = after.get(look.pod) ?? (look.counters.reads === 0 ? look : undefined);
      return again === undefined ? [] : [[look.pod, { look, again }] as const];
    }),
  );
  const counted = emptied.flatMap(({ pods, count }) =>
    pods
      .flatMap((pod) => known.get(pod) ?? [])
      .toSorted((a, b) => b.again.counters.bytes - a.again.counters.bytes)
      .slice(0, count),
  );
  const total = { items: 0, bytes: 0, hits: 0, misses: 0, hitsPerSecond: 0, seconds: 0 };
  for (const { look, again } of counted) {
    total.items += again.counters.items;
    total.bytes += again.counters.bytes;
    const traffic = trafficBetween(look.counters, again.counters);
    const seconds = (again.at - look.at) / 1000;
    if (traffic === undefined || seconds <= 0) continue;
    total.hits += traffic.hits;
    total.misses += traffic.misses;
    total.hitsPerSecond += traffic.hits / seconds;
    total.seconds = Math.max(total.seconds, seconds);
  }
  const { items, bytes, hitsPerSecond, seconds } = total;
  const hitRatio = hitRatioOf(total);
  const unanswered = emptied.flatMap(({ pods }) => pods).filter((pod) => !known.has(pod));
  return {
    items: whole(items),
    bytes: whole(bytes),
    ...(hitRatio === undefined ? {} : { hitRatio: rounded(hitRatio, 4) }),
    hitsPerSecond: Math.min(rounded(hitsPerSecond, 1), Number.MAX_SAFE_INTEGER),
    seconds: rounded(seconds, 1),
    ...(emptied.some(({ pods, count }) => count < pods.length) ? { atMost: true as const } : {}),
    ...(unanswered.length === 0 ? {} : { unanswered }),
  };
}

/** What a server says may be no count at all. */
function whole(count: number): number {
  return Math.min(Math.round(count), Number.MAX_SAFE_INTEGER);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
