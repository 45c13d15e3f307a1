import { setTimeout as sleep } from 'node:timers/promises';
import { cacheCounters } from '../../model/cache/cache-counters.ts';
import type { MemcachedClient } from '../memcached-client.ts';
import { MemcachedError } from '../memcached-error.ts';
import { AnswerLines } from './answer-lines.ts';
import { type ListedKey, parseListedKey } from './listed-key.ts';

/** Keys are handed on so many at a time. */
const AT_ONCE = 2000;
/** How long it is tried again where another crawl is under way, or the hash table grows, milliseconds. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 250;

/**
 * Lists every key of a cache: `lru_crawler metadump hash`. By the hash table, for "all" walks the LRU, in which items move, and
 * misses some under load. No point in time: what is written meanwhile may be in it or not. Its own crawls and the growth of its hash table
 * wait meanwhile; and where its answer is not read, clients wait too, for the part of the hash table where it stands (1.6.18, tried). So it is read as
 * fast as it comes: `onKeys` may not make it wait.
 * @returns how many lines could not be read as a key.
 * @throws MemcachedError; "refused" where this server lists none.
 */
export async function listKeys(
  client: MemcachedClient,
  onKeys: (keys: ListedKey[]) => void,
): Promise<{ unread: number }> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    // A table that grows is not walked: the answer would be the end alone.
    const stats = await client.stats();
    const isGrowing = Object.hasOwn(stats, 'hash_is_expanding') && stats.hash_is_expanding === '1';
    if (!isGrowing) {
      const { seen, unread } = await dump(client, onKeys);
      const isEmpty = seen === 0 && cacheCounters(stats).items > 0 && performance.now() < until;
      if (seen !== 'busy' && !isEmpty) return { unread };
      if (isEmpty && !(await isGrowingNow(client))) return { unread };
    }
    if (performance.now() > until) {
      throw new MemcachedError('busy', 'another listing of its keys has been under way for 30 s');
    }
    await sleep(AGAIN_MS);
  }
}

async function isGrowingNow(client: MemcachedClient): Promise<boolean> {
  const stats = await client.stats();
  return Object.hasOwn(stats, 'hash_is_expanding') && stats.hash_is_expanding === '1';
}

function dump(
  client: MemcachedClient,
  onKeys: (keys: ListedKey[]) => void,
): Promise<{ seen: number | 'busy'; unread: number }> {
  return client.converse('lru_crawler metadump hash\r\n', async (answer) => {
    const lines = new AnswerLines(answer);
    let [keys, seen, unread]: [ListedKey[], number, number] = [[], 0, 0];
    const handOn = (): void => {
      seen += keys.length;
      const full = keys;
      keys = [];
      if (full.length > 0) onKeys(full);
    };
    for (;;) {
      const line = lines.line();
      if (line === undefined) {
        await lines.more();
        continue;
      }
      if (line === 'END' || line.startsWith('BUSY')) {
        handOn();
        lines.end();
        return { seen: line === 'END' ? seen : 'busy', unread };
      }
      const key = parseListedKey(line);
      if (key !== undefined) {
        if (keys.push(key) >= AT_ONCE) handOn();
      } else if (line.startsWith('key=')) unread++;
      else throw refusal(line);
    }
  });
}

function refusal(line: string): MemcachedError {
  if (line.startsWith('ERROR metadump not allowed')) {
    return new MemcachedError('refused', 'it lists no keys: it was started with -X');
  }
  if (line.startsWith('CLIENT_ERROR lru crawler disabled')) {
    return new MemcachedError('refused', 'it lists no keys: it was started with -o no_lru_crawler');
  }
  return new MemcachedError(
    'protocol',
    `it answered "lru_crawler metadump" with something else: ${shown(line)}`,
  );
}

/** An answer as a message may quote it: short, and without control characters. */
export function shown(text: string): string {
  return text.slice(0, 200).replaceAll(/[\u0000-\u001f\u007f-\u00ff]/g, '?');
}
