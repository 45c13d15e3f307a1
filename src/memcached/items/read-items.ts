import type { MemcachedClient } from '../memcached-client.ts';
import type { CachedItem } from './cached-item.ts';
import type { LeftOut } from './choose-items.ts';
import { fetchItems, MAX_ITEM } from './fetch-items.ts';
import { KeyQueue } from './key-queue.ts';
import { listKeys } from './list-keys.ts';
import type { ListedKey } from './listed-key.ts';

/** Two connections to one cache: while one of them lists, no other command is answered on it. */
export interface ItemSource {
  list: MemcachedClient;
  fetch: MemcachedClient;
  /** No item is asked for before all keys are listed: for work that would keep this process from reading them. */
  isListedFirst?: boolean;
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
const BATCH_BYTES = 2 ** 19;
/** Batches under way at once: while some are stored, others are fetched. On a busy way a batch takes a tenth of a second for each. */
const BATCHES = 16;

/**
 * Reads the items of a cache, as many at a time as fit into little memory, whatever the cache's size. The listing is never kept waiting:
 * see {@link KeyQueue}.
 * @param leaveOut why an item is not wanted; undefined: it is.
 * @param onItems does something with some items; several calls may be under way at once, and none is when this has ended.
 * @throws MemcachedError, and what `onItems` throws.
 */
export async function readItems(
  source: ItemSource,
  counts: ReadCounts,
  leaveOut: (key: ListedKey) => LeftOut | undefined,
  onItems: (items: CachedItem[]) => Promise<void>,
): Promise<void> {
  const queue = new KeyQueue();
  let isFailed = false;
  const worker = async (): Promise<void> => {
    try {
      for (;;) {
        const keys = await queue.take();
        if (keys === undefined || isFailed) return;
        await moved(source.fetch, keys, counts, onItems);
      }
    } catch (error) {
      isFailed = true;
      queue.close();
      throw error;
    }
  };
  let workers: Promise<void>[] = [];
  try {
    const listing = listInto(queue, source.list, counts, leaveOut);
    if (source.isListedFirst === true) await listing;
    workers = Array.from({ length: BATCHES }, worker);
    await Promise.all([listing, ...workers]);
  } finally {
    isFailed = true;
    queue.close();
    await Promise.allSettled(workers);
  }
}

/** Lists the keys that are wanted into a queue, batch by batch, and ends it. */
async function listInto(
  queue: KeyQueue,
  list: MemcachedClient,
  counts: ReadCounts,
  leaveOut: (key: ListedKey) => LeftOut | undefined,
): Promise<void> {
  let [keys, size]: [string[], number] = [[], 0];
  const handOn = (): void => {
    if (keys.length > 0) queue.push(keys);
    [keys, size] = [[], 0];
  };
  await listKeys(list, (listed) => {
    counts.listed += listed.length;
    for (const each of listed) {
      const why = each.size > MAX_ITEM ? 'large' : leaveOut(each);
      if (why !== undefined) {
        countLeftOut(counts, why, 1);
        continue;
      }
      if (size + each.size > BATCH_BYTES) handOn();
      size += each.size;
      if (keys.push(each.key) >= BATCH_KEYS) handOn();
    }
  });
  handOn();
  queue.end();
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
