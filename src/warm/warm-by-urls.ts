import { setTimeout as sleep } from 'node:timers/promises';
import { dialPods } from '../backup/dial-pods.ts';
import { brokenOff } from '../errors/interruptible.ts';
import type { KubeClient } from '../kube/client.ts';
import type { MemcachedClient } from '../memcached/memcached-client.ts';
import { openPod } from '../memcached/open-pod.ts';
import { type CacheCounters, cacheCounters, trafficBetween } from '../model/cache/cache-counters.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { type AskOptions, askUrl } from './ask-url.ts';
import { progressBar } from './progress-bar.ts';
import type { CacheInUse } from './read-cache.ts';
import type { FetchedUrls } from './warm-report.ts';

/** How URLs are asked for. */
export interface UrlPlan extends Omit<AskOptions, 'signal'> {
  urls: readonly string[];
  /** So many at once. */
  concurrency: number;
  /** At most so many a second; undefined: as fast as they are answered. */
  rate: number | undefined;
  /** After so many failures no more are asked for. */
  maxFailures: number;
}

const SILENCE_MS = 10_000;
const FAILURES_SHOWN = 20;
/** Long enough to see what other clients miss. */
const IDLE_MS = 1000;
/** Of the URLs: what may be missed in the second pass beside what other clients miss. An item may be dropped, or end, at any time. */
const TOLERATED = 0.01;

/**
 * Asks for every URL, so that whoever answers fills the cache, and then once more: a cache that is warm has what the second pass looks for.
 * The first one proves nothing: where all is well it is nothing but misses. Nor does the lifetime ratio, which it spoils for good.
 * @throws MemcachedError where a pod can't be asked; BrokenOffError.
 */
export async function warmByUrls(
  kube: KubeClient,
  { pods, name }: CacheInUse,
  plan: UrlPlan,
  { io, signal }: CommandContext,
): Promise<FetchedUrls> {
  const { dial } = dialPods(kube);
  const clients: MemcachedClient[] = [];
  const look = async (): Promise<CacheCounters[]> =>
    Promise.all(clients.map(async (client) => cacheCounters(await client.stats())));
  try {
    for (const { target, credentials } of pods)
      clients.push(await openPod(target, dial, SILENCE_MS, credentials));
    const idle = await look();
    await sleep(IDLE_MS, undefined, { signal }).catch(() => {});
    const before = await look();
    const first = await onePass(`Warming ${name}`, plan, { io, signal });
    const between = await look();
    const itemsAdded = sumOf(between, 'items') - sumOf(before, 'items');
    const result: FetchedUrls = { ...first, itemsAdded };
    if (first.failed > 0) return result;
    const second = await onePass(`Second pass over ${name}`, plan, { io, signal });
    const { hits, misses } = grown(between, await look());
    const idleMisses = Math.round((grown(idle, before).misses * second.seconds * 1000) / IDLE_MS);
    const tolerated = idleMisses * 2 + Math.ceil(plan.urls.length * TOLERATED);
    const isProved = second.failed === 0 && hits > 0 && misses <= tolerated;
    return { ...result, secondPass: { seconds: second.seconds, hits, misses, idleMisses, isProved } };
  } finally {
    for (const client of clients) client.close();
  }
}

type Pass = Omit<FetchedUrls, 'itemsAdded' | 'secondPass'>;

async function onePass(
  text: string,
  plan: UrlPlan,
  { io, signal }: Pick<CommandContext, 'io' | 'signal'>,
): Promise<Pass> {
  const { urls, concurrency, rate, maxFailures } = plan;
  const began = performance.now();
  const pass: Pass = { urls: urls.length, succeeded: 0, failed: 0, failures: [], seconds: 0 };
  await showing(io, text, async (update) => {
    const queue = urls.entries();
    const worker = async (): Promise<void> => {
      // The workers share one iterator: each takes the next URL when it is free.
      for (const [index, url] of queue) {
        if (signal.aborted || pass.failed > maxFailures) return;
        // The n-th is not asked for before its time has come.
        const early = rate === undefined ? 0 : began + (index * 1000) / rate - performance.now();
        if (early > 0) await sleep(early, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        const why = await askUrl(url, { ...plan, signal });
        if (why === undefined) pass.succeeded++;
        else if (!signal.aborted) {
          pass.failed++;
          if (pass.failures.length < FAILURES_SHOWN) pass.failures.push({ url, why });
        }
        const done = pass.succeeded + pass.failed;
        update(`${text} ${progressBar(done / urls.length)}, ${done} of ${urls.length} URLs`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, urls.length) }, worker));
  });
  if (signal.aborted) {
    throw brokenOff(signal, undefined, {
      untouched: `${pass.succeeded} of ${urls.length} URLs had been answered; what is in the cache stays`,
    });
  }
  return { ...pass, seconds: (performance.now() - began) / 1000 };
}

function sumOf(looks: readonly CacheCounters[], what: 'items'): number {
  return looks.reduce((sum, each) => sum + each[what], 0);
}

/** What all pods together counted between two looks; one that started anew counted nothing that is known. */
function grown(
  before: readonly CacheCounters[],
  after: readonly CacheCounters[],
): { hits: number; misses: number } {
  const traffic = after.flatMap((each, index) => trafficBetween(before[index]!, each) ?? []);
  return {
    hits: traffic.reduce((sum, { hits }) => sum + hits, 0),
    misses: traffic.reduce((sum, { misses }) => sum + misses, 0),
  };
}
