import { brokenOff } from '../errors/interruptible.ts';
import { cacheCounters } from '../model/cache/cache-counters.ts';
import { chunkSizes, classOf, footprintOf, freeRoom, pageSlack } from '../model/cache/slab-room.ts';
import { addItems, requireMetaCommands } from './items/add-items.ts';
import { type CheckedItems, checkItems, ItemSample } from './items/check-items.ts';
import {
  AgeCensus,
  type Allowance,
  type ItemLimits,
  type LeftOut,
  leftOutByItself,
} from './items/choose-items.ts';
import { listKeys } from './items/list-keys.ts';
import type { ListedKey } from './items/listed-key.ts';
import { type ItemSource, type ReadCounts, readItems } from './items/read-items.ts';
import type { MemcachedClient } from './memcached-client.ts';

/** What became of the items of a cache that were copied into another one. */
export interface CopiedItems extends ReadCounts {
  /** Items that the target has now and had not. */
  stored: number;
  /** Items that the target had already: fresh writes win. */
  kept: number;
  /** How many the target refused, by its own words. */
  refused: Record<string, number>;
  /** Bytes of values. */
  bytes: number;
  /** Beforehand, of all that was wanted: what the target has no room for. Those are left out as "room", the least recently used. */
  noRoom: { items: number; bytes: number };
  /** Items that went from the target meanwhile to make room: its evictions, after less before. */
  evicted: number;
  /** A second pass over some of them. */
  checked: CheckedItems;
  seconds: number;
}

export interface CopyOptions extends ItemLimits {
  signal: AbortSignal;
  /** Told now and then how far it has come. */
  onProgress?(sofar: CopyProgress): void;
}

export interface CopyProgress {
  /** Keys of the source that were listed by now, of about so many. */
  listed: number;
  of: number;
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
  const untouched = 'what was copied until then stays, and so does the source';
  if (signal.aborted) throw brokenOff(signal, 'the copy of the cache', { untouched });
  const close = (): void => {
    for (const each of [source.list, source.fetch, target]) each.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    return await copy(source, target, options);
  } catch (error) {
    throw signal.aborted ? brokenOff(signal, 'the copy of the cache', { untouched }) : error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

async function copy(source: ItemSource, target: MemcachedClient, options: CopyOptions): Promise<CopiedItems> {
  const began = performance.now();
  await requireMetaCommands(target);
  const [stats, sourceSlabs, before, slabs, settings] = await Promise.all([
    source.fetch.stats(),
    source.fetch.stats('slabs'),
    target.stats(),
    target.stats('slabs'),
    target.stats('settings'),
  ]);
  const [clock, targetClock] = [clockOf(stats), clockOf(before)];
  const chunks = chunkSizes(settings);
  const room = freeRoom(before, slabs);
  const holds = cacheCounters(stats);
  const growth = Math.max(1.25, Number(settings.growth_factor) || 0);
  const classes = Object.keys(sourceSlabs).filter((name) => name.endsWith(':chunk_size')).length;
  const fitsInAnyCase = holds.bytes * growth * 1.1 + pageSlack(classes + 1) <= room;
  const survey =
    fitsInAnyCase && options.maxBytes === undefined
      ? undefined
      : await surveyOf(source.list, options, { clock, chunks, room });
  const counts: CopiedItems = {
    listed: 0,
    fetched: 0,
    leftOut: {},
    stored: 0,
    kept: 0,
    refused: {},
    bytes: 0,
    noRoom: survey?.noRoom ?? { items: 0, bytes: 0 },
    evicted: 0,
    checked: { looked: 0, same: 0, other: 0, missing: 0 },
    seconds: 0,
  };
  const sample = new ItemSample();
  const leaveOut = (key: ListedKey): LeftOut | undefined =>
    leftOutByItself(key, options, clock + Math.round((performance.now() - began) / 1000)) ??
    survey?.leavesOut(key);
  await readItems(source, counts, leaveOut, async (items) => {
    const added = await addItems(target, items, targetClock + Math.round((performance.now() - began) / 1000));
    counts.stored += added.stored;
    counts.kept += added.kept;
    for (const [words, count] of added.refused) counts.refused[words] = (counts.refused[words] ?? 0) + count;
    // What was refused is counted as that.
    const isProbe = added.refused.size === 0;
    for (const item of items) {
      counts.bytes += item.value.length;
      if (isProbe) sample.add(item);
    }
    const { listed, stored, kept } = counts;
    options.onProgress?.({ listed, of: Math.max(holds.items, listed), stored, kept });
  });
  const checked = await checkItems(target, sample.items);
  const evicted = cacheCounters(await target.stats()).evictions - cacheCounters(before).evictions;
  return { ...counts, checked, evicted: Math.max(0, evicted), seconds: (performance.now() - began) / 1000 };
}

/** What of a source is beyond the limit, or the target's room, found by listing its keys once. */
interface Survey {
  noRoom: { items: number; bytes: number };
  leavesOut(key: ListedKey): LeftOut | undefined;
}

async function surveyOf(
  list: MemcachedClient,
  limits: ItemLimits,
  { clock, chunks, room }: { clock: number; chunks: readonly number[]; room: number },
): Promise<Survey> {
  // By the bytes that they take of the source, for --max-bytes; by what they will take of the target, for its room.
  const [bySize, byFootprint] = [new AgeCensus(), new AgeCensus()];
  const classes = new Set<number>();
  const wanted = async (census: (key: ListedKey, age: number) => void): Promise<void> => {
    await listKeys(list, (keys) => {
      for (const key of keys) {
        if (leftOutByItself(key, limits, clock) === undefined) census(key, clock - key.usedAt);
      }
    });
  };
  const { maxBytes } = limits;
  await wanted(({ size }, age) => {
    bySize.add(age, size);
    byFootprint.add(age, footprintOf(size, chunks));
    classes.add(classOf(size, chunks));
  });
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

/** What a server takes for the present, seconds since the epoch; untrusted. */
function clockOf(stats: Readonly<Record<string, string>>): number {
  const clock = Object.hasOwn(stats, 'time') ? Number(stats.time) : Number.NaN;
  return Number.isInteger(clock) && clock > 0 ? clock : Math.round(Date.now() / 1000);
}
