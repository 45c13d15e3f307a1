import { brokenOff } from '../errors/interruptible.ts';
import { cacheCounters } from '../model/cache/cache-counters.ts';
import { classOf, footprintOf, pageSlack } from '../model/cache/slab-room.ts';
import {
  AgeCensus,
  type Allowance,
  type ItemLimits,
  type LeftOut,
  leftOutByItself,
} from './items/choose-items.ts';
import { type AddCounts, clockOf, ItemTarget, noCounts } from './items/item-target.ts';
import { listKeys } from './items/list-keys.ts';
import type { ListedKey } from './items/listed-key.ts';
import { type ItemSource, readItems } from './items/read-items.ts';
import type { MemcachedClient } from './memcached-client.ts';

/** What became of the items of a cache that were copied into another one. */
export type CopiedItems = AddCounts;

export interface CopyOptions extends ItemLimits {
  signal: AbortSignal;
  /** Told now and then how far it has come. */
  onProgress?(sofar: CopyProgress): void;
}

export interface CopyProgress {
  /** Keys of the source that were listed by now, of about so many. */
  listed: number;
  of: number;
  /** Keys of which it is known by now what became of them. */
  done: number;
  stored: number;
  kept: number;
}

/**
 * Copies the items of a cache into another one: values, flags and times to live; not CAS numbers. The target's own items win. What
 * it has no room for is left out beforehand, the least recently used: memcached itself would take everything, and drop others
 * without a word. No point in time: the source goes on being used. Memory is flat, whatever the source's size. Every item counts as a
 * hit of the source, and none is bumped in its LRU.
 * @throws MemcachedError where one of them can't be asked (any more); BrokenOffError on a signal. What was stored until then stays.
 */
export async function copyItems(
  source: ItemSource,
  target: MemcachedClient,
  options: CopyOptions,
): Promise<CopiedItems> {
  const { signal } = options;
  const counts = noCounts();
  return whileNotBrokenOff([source.list, source.fetch, target], signal, counts, () =>
    copy(source, target, options, counts),
  );
}

/**
 * Does `work` until it ends or a signal comes, which closes the connections that it waits at.
 * @throws BrokenOffError on a signal, with what had been stored by then.
 */
export async function whileNotBrokenOff<T>(
  clients: readonly MemcachedClient[],
  signal: AbortSignal,
  counts: Pick<AddCounts, 'stored'>,
  work: () => Promise<T>,
): Promise<T> {
  const broken = () =>
    brokenOff(signal, 'the copy of the cache', {
      untouched: `the ${counts.stored} items that were stored until then stay, and the source is as it was`,
    });
  if (signal.aborted) throw broken();
  const close = (): void => {
    for (const each of clients) each.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? broken() : error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

async function copy(
  source: ItemSource,
  client: MemcachedClient,
  options: CopyOptions,
  counts: AddCounts,
): Promise<CopiedItems> {
  const began = performance.now();
  const [stats, slabs, target] = await Promise.all([
    source.fetch.stats(),
    source.fetch.stats('slabs'),
    ItemTarget.open(client),
  ]);
  const clock = clockOf(stats);
  const holds = cacheCounters(stats);
  const classes = Object.keys(slabs).filter((name) => name.endsWith(':chunk_size')).length;
  const fitsInAnyCase = holds.bytes * target.growth * 1.1 + pageSlack(classes + 1) <= target.room;
  const survey =
    fitsInAnyCase && options.maxBytes === undefined
      ? undefined
      : await surveyOf(source.list, options, clock, target);
  if (survey !== undefined) counts.noRoom = survey.noRoom;
  const leaveOut = (key: ListedKey): LeftOut | undefined =>
    leftOutByItself(key, options, clock + Math.round((performance.now() - began) / 1000)) ??
    survey?.leavesOut(key);
  await readItems(source, counts, leaveOut, async (items) => {
    await target.add(items, counts);
    const { listed, stored, kept, leftOut, refused } = counts;
    const others = [...Object.values(leftOut), ...Object.values(refused)];
    const done = others.reduce((sum, count) => sum + count, stored + kept);
    options.onProgress?.({ listed, of: Math.max(holds.items, listed), done, stored, kept });
  });
  return target.finish(counts);
}

/** What of a source is beyond the limit, or the target's room, found by listing its keys once. */
export interface Survey {
  noRoom: { items: number; bytes: number };
  leavesOut(key: ListedKey): LeftOut | undefined;
}

/** Lists the keys of a cache once, to know beforehand what of it is beyond the limit or the room. @throws MemcachedError */
export async function surveyOf(
  list: MemcachedClient,
  limits: ItemLimits,
  clock: number,
  { chunks, room }: Pick<ItemTarget, 'chunks' | 'room'>,
): Promise<Survey> {
  // By the bytes that they take of the source, for --max-bytes; by what they will take of the target, for its room.
  const [bySize, byFootprint] = [new AgeCensus(), new AgeCensus()];
  const classes = new Set<number>();
  await listKeys(list, (keys) => {
    for (const key of keys) {
      if (leftOutByItself(key, limits, clock) !== undefined) continue;
      const age = clock - key.usedAt;
      bySize.add(age, key.size);
      byFootprint.add(age, footprintOf(key.size, chunks));
      classes.add(classOf(key.size, chunks));
    }
  });
  const { maxBytes } = limits;
  const share = maxBytes === undefined ? 1 : Math.min(1, maxBytes / Math.max(1, bySize.bytes));
  const limit: Allowance | undefined = maxBytes === undefined ? undefined : bySize.within(maxBytes);
  const needed = byFootprint.bytes * share;
  // Each class's last page may stay half empty.
  const usable = Math.max(0, room - pageSlack(classes.size));
  const fits = needed <= usable;
  const space = fits ? undefined : byFootprint.within(usable);
  const part = fits ? 0 : 1 - usable / needed;
  return {
    noRoom: {
      items: Math.round(byFootprint.items * share * part),
      bytes: Math.round(needed * part),
    },
    leavesOut: (key) => {
      const age = clock - key.usedAt;
      if (limit !== undefined && !limit.takes(age, key.size)) return 'limit';
      return space === undefined || space.takes(age, footprintOf(key.size, chunks)) ? undefined : 'room';
    },
  };
}
