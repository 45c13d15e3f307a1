import { ItemSpool } from './item-spool.ts';
import { leftOutByItself } from './items/choose-items.ts';
import { type AddCounts, clockOf, ItemTarget, noCounts } from './items/item-target.ts';
import { type ItemSource, readItems } from './items/read-items.ts';
import type { MemcachedClient } from './memcached-client.ts';

/** Reads the items of a cache into a spool of their own, which its reader disposes of. @throws MemcachedError, or as the file system does. */
export async function keepItems(source: ItemSource): Promise<ItemSpool> {
  const spool = await ItemSpool.create();
  try {
    const clock = clockOf(await source.fetch.stats());
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

/** Stores what was kept, each item only where the target has none of its key; nothing is looked up again. @throws MemcachedError */
export async function giveItems(spool: ItemSpool, client: MemcachedClient): Promise<AddCounts> {
  const target = await ItemTarget.open(client);
  const counts = noCounts();
  await spool.eachBatch(Date.now, (items) => target.add(items, counts));
  return { ...counts, evicted: await target.evicted() };
}
