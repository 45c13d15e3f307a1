import { cacheCounters } from '../../model/cache/cache-counters.ts';
import { chunkSizes, freeRoom } from '../../model/cache/slab-room.ts';
import type { MemcachedClient } from '../memcached-client.ts';
import { addItems, requireMetaCommands } from './add-items.ts';
import type { CachedItem } from './cached-item.ts';
import { type CheckedItems, checkItems, ItemSample } from './check-items.ts';
import type { ReadCounts } from './read-items.ts';

/** What became of items that were given to a cache. */
export interface AddCounts extends ReadCounts {
  /** Items that the target has now and had not. */
  stored: number;
  /** Items that the target had already: fresh writes win. */
  kept: number;
  /** How many the target refused, by its own words. */
  refused: Record<string, number>;
  /** Bytes of values. */
  bytes: number;
  /** Beforehand, of all that was wanted: what the target has no room for. Those are left out as "room". */
  noRoom: { items: number; bytes: number };
  /** Items that went from the target meanwhile to make room: its evictions, after less before. */
  evicted: number;
  /** A second pass over some of them. */
  checked: CheckedItems;
  seconds: number;
}

export function noCounts(): AddCounts {
  return {
    listed: 0,
    fetched: 0,
    leftOut: {},
    stored: 0,
    kept: 0,
    refused: {},
    bytes: 0,
    noRoom: { items: 0, bytes: 0 },
    evicted: 0,
    checked: { looked: 0, same: 0, other: 0, missing: 0 },
    seconds: 0,
  };
}

/** A cache that is given items, and its state before the first of them. */
export class ItemTarget {
  /** The chunk sizes of its slab classes, ascending. */
  readonly chunks: readonly number[];
  /** The growth factor of its slab classes. */
  readonly growth: number;
  /** Bytes that new items find without another one going. */
  readonly room: number;
  readonly #client: MemcachedClient;
  readonly #clock: number;
  readonly #openedAt = performance.now();
  readonly #evictions: number;
  readonly #sample = new ItemSample();

  private constructor(client: MemcachedClient, [stats, slabs, settings]: readonly Stats[]) {
    this.#client = client;
    this.chunks = chunkSizes(settings ?? {});
    this.growth = Math.max(1.25, Number(settings?.growth_factor) || 0);
    this.room = freeRoom(stats ?? {}, slabs ?? {});
    this.#clock = clockOf(stats ?? {});
    this.#evictions = cacheCounters(stats ?? {}).evictions;
  }

  /** @throws MemcachedError where it does not know the meta commands, or can't be asked. */
  static async open(client: MemcachedClient): Promise<ItemTarget> {
    await requireMetaCommands(client);
    return new ItemTarget(
      client,
      await Promise.all([client.stats(), client.stats('slabs'), client.stats('settings')]),
    );
  }

  /** Its own clock now, seconds since the epoch. */
  get clock(): number {
    return this.#clock + Math.round((performance.now() - this.#openedAt) / 1000);
  }

  /** Gives it items, and counts what became of them. @throws MemcachedError */
  async add(items: readonly CachedItem[], counts: AddCounts): Promise<void> {
    const added = await addItems(this.#client, items, this.clock);
    counts.stored += added.stored;
    counts.kept += added.kept;
    for (const [words, count] of added.refused) counts.refused[words] = (counts.refused[words] ?? 0) + count;
    // What was refused is counted as that.
    const isProbe = added.refused.size === 0;
    for (const item of items) {
      counts.bytes += item.value.length;
      if (isProbe) this.#sample.add(item);
    }
  }

  /** Looks up some of them again, and how many it evicted meanwhile. @throws MemcachedError */
  async finish(counts: AddCounts): Promise<AddCounts> {
    const checked = await checkItems(this.#client, this.#sample.items);
    const evicted = await this.evicted();
    const seconds = (performance.now() - this.#openedAt) / 1000;
    return { ...counts, checked, evicted, seconds };
  }

  /** Items that went from it since it was opened, to make room. @throws MemcachedError */
  async evicted(): Promise<number> {
    return Math.max(0, cacheCounters(await this.#client.stats()).evictions - this.#evictions);
  }
}

type Stats = Readonly<Record<string, string>>;

/** What a server takes for the present, seconds since the epoch; untrusted. */
export function clockOf(stats: Stats): number {
  const clock = Object.hasOwn(stats, 'time') ? Number(stats.time) : Number.NaN;
  return Number.isInteger(clock) && clock > 0 ? clock : Math.round(Date.now() / 1000);
}
