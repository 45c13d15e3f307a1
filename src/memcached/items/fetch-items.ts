import type { MemcachedClient } from '../memcached-client.ts';
import { MemcachedError } from '../memcached-error.ts';
import { AnswerLines } from './answer-lines.ts';
import type { CachedItem } from './cached-item.ts';
import { shown } from './list-keys.ts';
import { wireKey } from './listed-key.ts';

/** Items longer than this are not asked for, bytes: -I allows up to 1 GiB, and each is in memory as a whole. */
export const MAX_ITEM = 64 * 2 ** 20;

/** What became of a batch of keys. */
export interface FetchedItems {
  items: CachedItem[];
  /** Keys that were gone, or in their last second. */
  gone: number;
  /** Marked stale by a client (md with I), or being fetched anew: their values are not to be passed on. */
  stale: number;
}

/**
 * Asks for many keys at one go: `mg` of each, and `mn`, whose answer ends theirs. Nothing is bumped in the LRU ("u"), but each counts
 * as a hit in the server's statistics. @throws MemcachedError
 */
export function fetchItems(client: MemcachedClient, keys: readonly string[]): Promise<FetchedItems> {
  let request = '';
  for (let index = 0; index < keys.length; index++) {
    const { text, flag } = wireKey(keys[index]!);
    request += `mg ${text} t f O${index} u q v${flag}\r\n`;
  }
  return client.converse(Buffer.from(`${request}mn\r\n`, 'latin1'), async (answer) => {
    const lines = new AnswerLines(answer);
    const items: CachedItem[] = [];
    let stale = 0;
    for (;;) {
      const line = lines.line();
      if (line === undefined) {
        await lines.more();
        continue;
      }
      if (line === 'MN') break;
      // In spite of q some versions say so.
      if (line === 'EN' || line.startsWith('EN ')) continue;
      const head = headOf(line, keys.length);
      let block = lines.block(head.size + 2);
      if (block === undefined) {
        await lines.more(head.size + 2);
        block = lines.block(head.size + 2)!;
      }
      if (head.isStale) stale++;
      else if (head.ttl === -1 || head.ttl > 0) {
        const value = block.subarray(0, head.size);
        items.push({ key: keys[head.index]!, value, flags: head.flags, ttl: head.ttl });
      }
    }
    lines.end();
    return { items, stale, gone: keys.length - items.length - stale };
  });
}

interface Head {
  index: number;
  size: number;
  flags: number;
  ttl: number;
  isStale: boolean;
}

/** "VA 100 t-1 f0 O12", with W, X or Z where somebody is to fetch it anew. */
function headOf(line: string, count: number): Head {
  const words = line.split(' ');
  const head: Head = { index: -1, size: Number(words[1]), flags: -1, ttl: Number.NaN, isStale: false };
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    const letter = word.charCodeAt(0);
    if (letter === 0x74) head.ttl = Number(word.slice(1));
    else if (letter === 0x66) head.flags = Number(word.slice(1));
    else if (letter === 0x4f) head.index = Number(word.slice(1));
    else if (letter === 0x57 || letter === 0x58 || letter === 0x5a) head.isStale = true;
  }
  const { index, size, flags, ttl } = head;
  const isWhole =
    words[0] === 'VA' &&
    isCount(index, count - 1) &&
    isCount(size, MAX_ITEM) &&
    isCount(flags, 0xff_ff_ff_ff) &&
    Number.isInteger(ttl);
  if (isWhole) return head;
  if (/^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)/.test(line)) {
    throw new MemcachedError('protocol', `it did not give its items: ${shown(line)}`);
  }
  throw new MemcachedError('protocol', `it answered "mg" with something else: ${shown(line)}`);
}

function isCount(number: number, most: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= most;
}
