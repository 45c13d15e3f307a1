import type { MemcachedClient } from '../memcached-client.ts';
import { AnswerLines } from './answer-lines.ts';
import type { CachedItem } from './cached-item.ts';
import { wireKey } from './listed-key.ts';

/** What a target should have after a copy. */
interface Expected {
  key: string;
  flags: number;
  size: number;
  /** When it ends, on performance.now()'s clock, milliseconds; Infinity: never. */
  ends: number;
}

/** So many of them are looked up again. */
const SAMPLE = 2000;

/** Some of many, each as likely as any other, in flat memory (Vitter's algorithm R). */
export class ItemSample {
  readonly #kept: Expected[] = [];
  #seen = 0;

  add({ key, flags, value, ttl }: CachedItem): void {
    const at = this.#seen++ < SAMPLE ? this.#kept.length : Math.floor(Math.random() * this.#seen);
    if (at >= SAMPLE) return;
    const ends = ttl === -1 ? Number.POSITIVE_INFINITY : performance.now() + ttl * 1000;
    this.#kept[at] = { key, flags, size: value.length, ends };
  }

  get items(): readonly Expected[] {
    return this.#kept;
  }
}

/** What a second pass found. */
export interface CheckedItems {
  /** Keys that were looked up again. */
  looked: number;
  /** There, of the same size and with the same flags. */
  same: number;
  /** There, but others by now: somebody wrote them since, or had before. */
  other: number;
  /** Not there, and their time was not over. */
  missing: number;
}

const BATCH = 1000;

/** Looks up whether a cache has these items: `mg` without the value. Counts as a read in its statistics. @throws MemcachedError */
export async function checkItems(client: MemcachedClient, items: readonly Expected[]): Promise<CheckedItems> {
  const found: CheckedItems = { looked: items.length, same: 0, other: 0, missing: 0 };
  for (let at = 0; at < items.length; at += BATCH) {
    const batch = items.slice(at, at + BATCH);
    const there = await lookUp(client, batch);
    // Rounded to seconds, on two clocks.
    const soon = performance.now() + 2000;
    batch.forEach(({ flags, size, ends }, index) => {
      const item = there.get(index);
      if (item === undefined) {
        if (ends > soon) found.missing++;
        else found.looked--;
      } else if (item.flags === flags && item.size === size) found.same++;
      else found.other++;
    });
  }
  return found;
}

function lookUp(
  client: MemcachedClient,
  batch: readonly Expected[],
): Promise<Map<number, { flags: number; size: number }>> {
  const request = batch.map(({ key }, index) => {
    const { text, flag } = wireKey(key);
    return `mg ${text} s f O${index} u q${flag}\r\n`;
  });
  return client.converse(Buffer.from(`${request.join('')}mn\r\n`, 'latin1'), async (answer) => {
    const lines = new AnswerLines(answer);
    const there = new Map<number, { flags: number; size: number }>();
    for (;;) {
      const line = lines.line();
      if (line === undefined) {
        await lines.more();
        continue;
      }
      if (line === 'MN') break;
      const [, size, flags, index] = /^HD s(\d+) f(\d+) O(\d+)/.exec(line) ?? [];
      if (index !== undefined) there.set(Number(index), { size: Number(size), flags: Number(flags) });
    }
    lines.end();
    return there;
  });
}
