import type { Command } from '../../advice/command.ts';
import { setFlag } from '../flag-command.ts';
import { type CachedPod, gauge, growth, inInterval, isAnswering, maxBytes, setting } from './cached-pod.ts';
import { goodLimit, mebibytes } from './memory.ts';
import { raiseLimit } from './more-memory.ts';
import type { Signal } from './signal.ts';

/** Share of evicted items that nobody had read, from which on the cache is too small for what is put in. */
export const UNREAD_SHARE = 0.5;
/** Fewer say nothing. */
export const LEAST_EVICTIONS = 10;

/**
 * Items that go, or never get in. Evicting is what a full LRU cache does: a fault only where items go unread
 * (evicted_unfetched) or were in use (evicted_active). Source: memcached/doc/protocol.txt, "General-purpose
 * statistics".
 */
export function judgeItems(pod: CachedPod): Signal[] {
  if (!isAnswering(pod)) return [];
  return [...judgeEvictions(pod), ...judgeStores(pod)];
}

function judgeEvictions(pod: CachedPod): Signal[] {
  const evictions = growth(pod, 'evictions');
  if (evictions === 0) return [];
  const unread = growth(pod, 'evicted_unfetched');
  const active = growth(pod, 'evicted_active');
  const wasteful = evictions >= LEAST_EVICTIONS && (unread > UNREAD_SHARE * evictions || active > 0);
  const used = `${mebibytes(gauge(pod, 'bytes') ?? 0)} of ${mebibytes(maxBytes(pod))} are in use`;
  return [
    {
      code: wasteful ? 'MB631' : 'MB630',
      says: wasteful
        ? 'it drops items before they were of use: -m is too small for what clients store'
        : 'it is full and drops the oldest items',
      evidence: [
        {
          text: `evictions ${inInterval(pod, evictions)}, of those never read ${unread}, in use ${active}; ${used}`,
        },
      ],
      advice: wasteful ? moreMemory(pod) : [],
    },
  ];
}

function judgeStores(pod: CachedPod): Signal[] {
  const signals: Signal[] = [];
  const noMemory = growth(pod, 'store_no_memory');
  if (noMemory > 0) {
    signals.push({
      code: 'MB632',
      says: 'it refuses to store: out of memory',
      evidence: [
        { text: `store_no_memory ${inInterval(pod, noMemory)}; evictions ${setting(pod, 'evictions')}` },
      ],
      advice: moreMemory(pod),
    });
  }
  const tooLarge = growth(pod, 'store_too_large');
  if (tooLarge > 0) {
    const largest = Number(setting(pod, 'item_size_max') ?? 2 ** 20);
    signals.push({
      code: 'MB633',
      says: `it refuses items that are larger than ${mebibytes(largest)} (-I)`,
      evidence: [{ text: `store_too_large ${inInterval(pod, tooLarge)}; item_size_max ${largest}` }],
      advice: largerItems(pod, 2 * largest),
    });
  }
  const past = ['store_no_memory', 'store_too_large'].filter(
    (key) => (gauge(pod, key) ?? 0) > 0 && growth(pod, key) === 0,
  );
  if (past.length > 0) {
    signals.push({
      code: 'MB634',
      says: 'it has refused to store items since it started',
      evidence: [
        {
          text: `${past.map((key) => `${key} ${gauge(pod, key)}`).join(', ')} in ${gauge(pod, 'uptime')} s; none in the last ${pod.seen.seconds.toFixed(1)} s`,
        },
      ],
      advice: [],
    });
  }
  return signals;
}

/** A limit that takes it, and so much for items: twice as much by default. */
function moreMemory(pod: CachedPod, bytes = 2 * maxBytes(pod)): Command[] {
  const megabytes = String(Math.round(bytes / 2 ** 20));
  return [
    ...raiseLimit(pod, goodLimit(bytes)),
    setFlag(pod.workload, pod.seen.settings.container, '-m', megabytes),
  ];
}

/** memcached starts with items of a GiB at most, and of half of -m (memcached.c, main). */
function largerItems(pod: CachedPod, bytes: number): Command[] {
  if (bytes > 2 ** 30) return [];
  return [
    ...(2 * bytes > maxBytes(pod) ? moreMemory(pod, 2 * bytes) : []),
    setFlag(pod.workload, pod.seen.settings.container, '-I', String(bytes)),
  ];
}
