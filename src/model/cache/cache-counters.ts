/**
 * What a memcached has counted and what it holds, of the answer to `stats` (memcached/doc/protocol.txt, "General-purpose
 * statistics"). Untrusted: what is missing or no count is 0.
 */
export interface CacheCounters {
  /** Reads of keys, one a key of a multi-get: get_hits + get_misses. */
  reads: number;
  hits: number;
  misses: number;
  /** Writes that were asked for. */
  sets: number;
  /** curr_items: expired ones among them, until somebody looks at them. */
  items: number;
  /** Bytes that the items take. */
  bytes: number;
  /** limit_maxbytes: what they may take. */
  maxBytes: number;
  /** Items that went to make room, ever. */
  evictions: number;
  /** Seconds since it started. */
  uptime: number;
}

/** @param stats the answer to `stats`, name to value. */
export function cacheCounters(stats: Readonly<Record<string, string>>): CacheCounters {
  const count = (name: string): number => {
    const number = Object.hasOwn(stats, name) ? Number(stats[name]) : 0;
    return Number.isFinite(number) && number > 0 ? number : 0;
  };
  const [hits, misses] = [count('get_hits'), count('get_misses')];
  return {
    reads: hits + misses,
    hits,
    misses,
    sets: count('cmd_set'),
    items: count('curr_items'),
    bytes: count('bytes'),
    maxBytes: count('limit_maxbytes'),
    evictions: count('evictions'),
    uptime: count('uptime'),
  };
}

/** What happened between two looks at one memcached. */
export interface CacheTraffic {
  hits: number;
  misses: number;
  sets: number;
  evictions: number;
}

/** From `before` to `after`; undefined where it started anew in between, for its counters began at 0 again. */
export function trafficBetween(before: CacheCounters, after: CacheCounters): CacheTraffic | undefined {
  const grown = (name: keyof CacheTraffic): number => after[name] - before[name];
  const traffic = {
    hits: grown('hits'),
    misses: grown('misses'),
    sets: grown('sets'),
    evictions: grown('evictions'),
  };
  const isAnew = after.uptime < before.uptime || Object.values(traffic).some((count) => count < 0);
  return isAnew ? undefined : traffic;
}

/** The share of reads that found something, 0 to 1; undefined where nothing was read. */
export function hitRatioOf({ hits, misses }: Pick<CacheTraffic, 'hits' | 'misses'>): number | undefined {
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}
