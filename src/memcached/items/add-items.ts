import { randomBytes } from 'node:crypto';
import type { MemcachedClient } from '../memcached-client.ts';
import { MemcachedError } from '../memcached-error.ts';
import { AnswerLines } from './answer-lines.ts';
import type { CachedItem } from './cached-item.ts';
import { shown } from './list-keys.ts';
import { wireKey } from './listed-key.ts';

/** memcached takes a larger number of seconds for a moment since the epoch (REALTIME_MAXDELTA). */
const LONGEST_RELATIVE = 60 * 60 * 24 * 30;
/** Refusals are counted by the server's words, of which so many are kept apart. */
const REFUSALS_KEPT = 10;

/** What became of a batch of items. */
export interface AddedItems {
  stored: number;
  /** The server had one of that key: fresh writes win. */
  kept: number;
  /** How many it refused, by its own words. */
  refused: Map<string, number>;
}

/**
 * Stores many items at one go, each only where the server has none of that key: `ms` in the mode "add", and `mn`, whose answer ends
 * theirs. Value, flags and time to live are kept; the CAS number is a new one. @throws MemcachedError
 * @param clock the server's own, seconds since the epoch: what lives on for longer than 30 days is given as a moment.
 */
export function addItems(
  client: MemcachedClient,
  items: readonly CachedItem[],
  clock: number,
): Promise<AddedItems> {
  return client.converse(requestOf(items, clock), async (answer) => {
    const lines = new AnswerLines(answer);
    const refused = new Map<string, number>();
    let [kept, failed] = [0, 0];
    for (;;) {
      const line = lines.line();
      if (line === undefined) {
        await lines.more();
        continue;
      }
      if (line === 'MN') break;
      if (line === 'NS') kept++;
      else if (/^(?:SERVER|CLIENT)_ERROR /.test(line)) {
        const words = refused.size < REFUSALS_KEPT ? shown(line) : 'other errors';
        refused.set(words, (refused.get(words) ?? 0) + 1);
        failed++;
      } else if (line !== 'HD') {
        throw new MemcachedError('protocol', `it answered "ms" with something else: ${shown(line)}`);
      }
    }
    lines.end();
    return { stored: items.length - kept - failed, kept, refused };
  });
}

function requestOf(items: readonly CachedItem[], clock: number): Buffer {
  const heads: string[] = [];
  let size = 4;
  for (const { key, value, flags, ttl } of items) {
    const { text, flag } = wireKey(key);
    const until = ttl > LONGEST_RELATIVE ? clock + ttl : Math.max(ttl, 0);
    const head = `ms ${text} ${value.length} F${flags} T${until} ME q${flag}\r\n`;
    heads.push(head);
    size += head.length + value.length + 2;
  }
  const request = Buffer.allocUnsafe(size);
  let at = 0;
  for (let index = 0; index < items.length; index++) {
    const { value } = items[index]!;
    at += request.write(heads[index]!, at, 'latin1');
    at += value.copy(request, at);
    at += request.write('\r\n', at, 'latin1');
  }
  request.write('mn\r\n', at, 'latin1');
  return request;
}

/**
 * Makes sure that the server takes `ms` as it is sent here (memcached 1.6 does, with keys in base64), before it is given anything: one
 * that does not know the command would take values for commands. So the value of the item that is tried is a harmless one.
 * @throws MemcachedError "protocol" where it does not.
 */
export async function requireMetaCommands(client: MemcachedClient): Promise<void> {
  const key = Buffer.from(`memcached-backup-canary-${randomBytes(12).toString('hex')}`).toString('base64');
  await client.converse(`ms ${key} 2 T60 ME b\r\nmn\r\nmd ${key} q b\r\nmn\r\n`, async (answer) => {
    const lines = new AnswerLines(answer);
    const first = await lineOf(lines);
    if (first !== 'HD' && !first.startsWith('SERVER_ERROR')) {
      throw new MemcachedError(
        'protocol',
        `it does not know the meta commands of memcached 1.6, by which items keep their flags and times: ${shown(first)}`,
      );
    }
    while ((await lineOf(lines)) !== 'MN');
    lines.end();
  });
}

async function lineOf(lines: AnswerLines): Promise<string> {
  for (;;) {
    const line = lines.line();
    if (line !== undefined) return line;
    await lines.more();
  }
}
