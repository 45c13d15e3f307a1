/**
 * How memcached lays items out (memcached/slabs.c): memory is given in pages of 1 MiB to classes of equal chunks, each class's chunk
 * larger than the one before by the growth factor (-f). Whether something fits is a matter of chunks and pages, not of bytes.
 */

const PAGE = 2 ** 20;
/** sizeof(item) on 64-bit systems. */
const ITEM_HEADER = 48;
/** POWER_LARGEST is 64 classes, the last of them for the largest chunk. */
const MOST_CLASSES = 63;

/** The chunk sizes that a server of these settings has, ascending. @param settings `stats settings`, name to value; untrusted. */
export function chunkSizes(settings: Readonly<Record<string, string>>): number[] {
  const largest = atLeast(numberIn(settings, 'slab_chunk_max', 512 * 1024), 1024);
  const factor = atLeast(numberIn(settings, 'growth_factor', 1.25), 1.01);
  const sizes: number[] = [];
  let size = ITEM_HEADER + numberIn(settings, 'chunk_size', 48);
  while (sizes.length < MOST_CLASSES - 1 && size < largest / factor) {
    size = Math.ceil(size / 8) * 8;
    sizes.push(size);
    size *= factor;
  }
  return [...sizes, largest];
}

/** What an item takes of a server's memory, bytes: its chunk's share of a page, or several of the largest chunks. */
export function footprintOf(size: number, chunks: readonly number[]): number {
  const largest = chunks.at(-1) ?? PAGE;
  if (size > largest) return Math.ceil(size / largest) * shareOf(largest);
  return shareOf(chunks[classOf(size, chunks)] ?? largest);
}

/** The class, counted from 0, whose chunk is the smallest that holds `size` bytes; the last one where none does. */
export function classOf(size: number, chunks: readonly number[]): number {
  let [low, high] = [0, chunks.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunks[middle]! >= size) high = middle;
    else low = middle + 1;
  }
  return low;
}

function shareOf(chunk: number): number {
  return PAGE / Math.max(1, Math.floor(PAGE / chunk));
}

/**
 * The memory that new items find in a server without another one going, bytes: pages not yet given to a class, and free chunks.
 * @param stats `stats`. @param slabs `stats slabs`. Both untrusted.
 */
export function freeRoom(
  stats: Readonly<Record<string, string>>,
  slabs: Readonly<Record<string, string>>,
): number {
  const pages = Math.floor(numberIn(stats, 'limit_maxbytes', 0) / PAGE);
  const given = Math.floor(numberIn(slabs, 'total_malloced', 0) / PAGE);
  let room = Math.max(0, pages - given) * PAGE + numberIn(stats, 'slab_global_page_pool', 0) * PAGE;
  for (const name of Object.keys(slabs)) {
    const [, id] = /^(\d{1,3}):free_chunks$/.exec(name) ?? [];
    if (id !== undefined) room += numberIn(slabs, name, 0) * numberIn(slabs, `${id}:chunk_size`, 0);
  }
  return room;
}

/** Memory that the classes may leave unused at their last page each, bytes. */
export function pageSlack(classes: number): number {
  return classes * PAGE;
}

function numberIn(stats: Readonly<Record<string, string>>, name: string, otherwise: number): number {
  const number = Object.hasOwn(stats, name) ? Number(stats[name]) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? number : otherwise;
}

function atLeast(number: number, least: number): number {
  return Math.max(number, least);
}
