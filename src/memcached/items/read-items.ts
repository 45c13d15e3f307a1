import type { MemcachedClient } from '../memcached-client.ts';
import type { CachedItem } from './cached-item.ts';
import type { LeftOut } from './choose-items.ts';
import { fetchItems, MAX_ITEM } from './fetch-items.ts';
import { listKeys } from './list-keys.ts';
import type { ListedKey } from './listed-key.ts';

/** Two connections to one cache: while one of them lists, no other command is answered on it. */
export interface ItemSource {
  list: MemcachedClient;
  fetch: MemcachedClient;
}

/** How many keys were listed, and what became of them. */
export interface ReadCounts {
  listed: number;
  fetched: number;
  /** How many were left out, by why. */
  leftOut: Partial<Record<LeftOut, number>>;
}

/** Asked for at one go: enough to hide a round trip through the API server, and little enough to be in memory several times. */
const BATCH_KEYS = 1000;
const BATCH_BYTES = 2 ** 20;
/** Batches under way at once: while one is stored, others are fetched. */
const BATCHES = 4;

/**
 * Reads the items of a cache, as many at a time as fit into little memory, whatever the cache's size.
 * @param leaveOut why an item is not wanted; undefined: it is.
 * @param onItems does something with some items; several calls may be under way at once.
 * @throws MemcachedError, and what `onItems` throws.
 */
export async function readItems(
  source: ItemSource,
  counts: ReadCounts,
  leaveOut: (key: ListedKey) => LeftOut | undefined,
  onItems: (items: CachedItem[]) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let [keys, size]: [string[], number] = [[], 0];
  const send = async (): Promise<void> => {
    if (keys.length === 0) return;
    const batch = keys;
    [keys, size] = [[], 0];
    const work = moved(source.fetch, batch, counts, onItems)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(work));
    underWay.add(work);
    if (underWay.size >= BATCHES) await Promise.race(underWay);
    if (failures.length > 0) throw failures[0];
  };
  try {
    await listKeys(source.list, async (listed) => {
      counts.listed += listed.length;
      for (const each of listed) {
        const why = each.size > MAX_ITEM ? 'large' : leaveOut(each);
        if (why !== undefined) {
          countLeftOut(counts, why, 1);
          continue;
        }
        if (size + each.size > BATCH_BYTES) await send();
        size += each.size;
        if (keys.push(each.key) >= BATCH_KEYS) await send();
      }
    });
    await send();
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
}

export function countLeftOut({ leftOut }: ReadCounts, why: LeftOut, count: number): void {
  if (count > 0) leftOut[why] = (leftOut[why] ?? 0) + count;
}

async function moved(
  fetch: MemcachedClient,
  keys: readonly string[],
  counts: ReadCounts,
  onItems: (items: CachedItem[]) => Promise<void>,
): Promise<void> {
  const { items, gone, stale } = await fetchItems(fetch, keys);
  counts.fetched += items.length;
  countLeftOut(counts, 'gone', gone);
  countLeftOut(counts, 'stale', stale);
  if (items.length > 0) await onItems(items);
}
