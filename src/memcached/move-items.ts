import { cacheCounters } from '../model/cache/cache-counters.ts';
import { ItemSpool } from './item-spool.ts';
import { addItems, requireMetaCommands } from './items/add-items.ts';
import { leftOutByItself } from './items/choose-items.ts';
import { type ItemSource, readItems } from './items/read-items.ts';
import type { MemcachedClient } from './memcached-client.ts';

/** What became of items that were kept for a while. */
export interface GivenItems {
  stored: number;
  /** The target had one of that key: fresh writes win. */
  kept: number;
  refused: number;
  /** Items that went from the target meanwhile to make room. */
  evicted: number;
}

/** Reads the items of a cache into a spool of their own, which its reader disposes of. @throws MemcachedError, or as the file system does. */
export async function keepItems(source: ItemSource): Promise<ItemSpool> {
  const spool = await ItemSpool.create();
  try {
    const clock = Number((await source.fetch.stats()).time) || Math.round(Date.now() / 1000);
    const began = performance.now();
    const counts = { listed: 0, fetched: 0, leftOut: {} };
    await readItems(
      source,
      counts,
      (key) => leftOutByItself(key, {}, clock + Math.round((performance.now() - began) / 1000)),
      (items) => spool.add(items, Date.now()),
    );
    return spool;
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error;
  }
}

/** Stores what was kept, each item only where the target has none of its key. @throws MemcachedError */
export async function giveItems(spool: ItemSpool, target: MemcachedClient): Promise<GivenItems> {
  await requireMetaCommands(target);
  const before = await target.stats();
  const clock = Number(before.time) || Math.round(Date.now() / 1000);
  const began = performance.now();
  const given: GivenItems = { stored: 0, kept: 0, refused: 0, evicted: 0 };
  await spool.eachBatch(Date.now, async (items) => {
    const added = await addItems(target, items, clock + Math.round((performance.now() - began) / 1000));
    given.stored += added.stored;
    given.kept += added.kept;
    for (const count of added.refused.values()) given.refused += count;
  });
  const after = cacheCounters(await target.stats());
  given.evicted = Math.max(0, after.evictions - cacheCounters(before).evictions);
  return given;
}
