import { type CacheCounters, type CacheTraffic, trafficBetween } from './cache-counters.ts';

/** What a cache said of itself at one moment. */
export interface CountersAt {
  /** Milliseconds, of any clock that only goes on. */
  at: number;
  counters: CacheCounters;
}

/** Fewer reads tell nothing of a ratio. */
export const TELLING_READS = 20;
/** Milliseconds that the newest looks have to be apart, so that a burst is not taken for how it is. */
const TELLING_MS = 2000;

/**
 * What a cache was asked last: over the shortest while up to the last look that is long enough and in which it was read often
 * enough to tell something. Undefined where there is none, or where it started anew meanwhile.
 */
export function recentTraffic(looks: readonly CountersAt[]): CacheTraffic | undefined {
  const last = looks.at(-1);
  if (last === undefined) return undefined;
  for (const look of looks.slice(0, -1).reverse()) {
    const traffic = trafficBetween(look.counters, last.counters);
    if (traffic === undefined) return undefined;
    const isLong = last.at - look.at >= TELLING_MS;
    if (isLong && traffic.hits + traffic.misses >= TELLING_READS) return traffic;
  }
  return undefined;
}

/** Whether a cache was looked at for `forMs`, and hardly anybody asked it anything in the last of them. */
export function isHardlyRead(looks: readonly CountersAt[], forMs: number): boolean {
  const last = looks.at(-1);
  const first = last && looks.findLast(({ at }) => last.at - at >= forMs);
  if (last === undefined || first === undefined) return false;
  const traffic = trafficBetween(first.counters, last.counters);
  return traffic !== undefined && traffic.hits + traffic.misses < TELLING_READS;
}
