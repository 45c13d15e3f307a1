import type { ListedKey } from './listed-key.ts';

/** Which items are taken. */
export interface ItemLimits {
  /** The most recently used ones, as many as take so many bytes of memory. */
  maxBytes?: number;
  /** None that nobody has read or written for longer, seconds. */
  maxAgeSeconds?: number;
  /** Only keys that begin with this. */
  prefix?: string;
}

/** Why an item is left out. */
export type LeftOut =
  /** Its time was over. */
  | 'expired'
  /** Gone when it was asked for: deleted, expired, or it had to go for another one. */
  | 'gone'
  /** Marked stale by a client. */
  | 'stale'
  /** Of another prefix. */
  | 'prefix'
  /** Not used for longer than asked for. */
  | 'age'
  /** Beyond --max-bytes. */
  | 'limit'
  /** Beyond what the target has room for. */
  | 'room'
  /** Too large to be held in memory here. */
  | 'large';

/** Of ages, the resolution is some 3 %. */
const BUCKETS_PER_E = 32;
const MOST_BUCKETS = 1024;

function ageBucket(seconds: number): number {
  return Math.min(MOST_BUCKETS - 1, Math.floor(Math.log(Math.max(0, seconds) + 1) * BUCKETS_PER_E));
}

/** What a cache holds, counted in flat memory: how many bytes of items of each age. */
export class AgeCensus {
  readonly #bytes = new Float64Array(MOST_BUCKETS);
  readonly #items = new Float64Array(MOST_BUCKETS);

  add(ageSeconds: number, bytes: number): void {
    const bucket = ageBucket(ageSeconds);
    this.#bytes[bucket]! += bytes;
    this.#items[bucket]!++;
  }

  get bytes(): number {
    return this.#bytes.reduce((sum, each) => sum + each, 0);
  }

  get items(): number {
    return this.#items.reduce((sum, each) => sum + each, 0);
  }

  /** The most recently used items that take `room` bytes together. */
  within(room: number): Allowance {
    let left = room;
    for (let bucket = 0; bucket < MOST_BUCKETS; bucket++) {
      const bytes = this.#bytes[bucket]!;
      if (bytes > left) return new Allowance(bucket, left);
      left -= bytes;
    }
    return new Allowance(MOST_BUCKETS, left);
  }
}

/** Which items of a census fit: all that are younger than one age, and of that age as many as there is room for. */
export class Allowance {
  readonly #bucket: number;
  #left: number;

  constructor(bucket: number, left: number) {
    this.#bucket = bucket;
    this.#left = left;
  }

  /** Whether it is one of them; asked once of each item. */
  takes(ageSeconds: number, bytes: number): boolean {
    const bucket = ageBucket(ageSeconds);
    if (bucket < this.#bucket) return true;
    // Beyond the last bucket nothing was counted: what came since then.
    if (bucket > this.#bucket || bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}

/** Why a listed key is left out whatever room there is; undefined where it is not. @param clock of its server. */
export function leftOutByItself(
  { key, expiresAt, usedAt }: ListedKey,
  { maxAgeSeconds, prefix }: ItemLimits,
  clock: number,
): LeftOut | undefined {
  if (expiresAt !== -1 && expiresAt <= clock) return 'expired';
  // Keys are bytes, a character each.
  if (prefix !== undefined && !key.startsWith(Buffer.from(prefix, 'utf8').toString('latin1')))
    return 'prefix';
  return maxAgeSeconds !== undefined && clock - usedAt > maxAgeSeconds ? 'age' : undefined;
}
