import { mapLimited } from '../errors/map-limited.ts';
import { cacheCounters } from '../model/cache/cache-counters.ts';
import type { CacheLook } from '../model/cache/emptying-cost.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import type { MemcachedClient } from './memcached-client.ts';
import { type Dial, openPodAs } from './open-pod.ts';

const AT_ONCE = 16;

/**
 * Asks every pod what it has counted. One that does not answer in time is left out. @param timeoutMs as of openPod.
 * @param loginsOf for servers started with -Y; nobody where absent.
 */
export async function lookAtCaches(
  targets: readonly PodTarget[],
  dial: Dial,
  timeoutMs: number,
  loginsOf?: LoginsOf,
): Promise<CacheLook[]> {
  const looks = await mapLimited(targets, AT_ONCE, async (target): Promise<CacheLook[]> => {
    if (target.port === 0) return [];
    try {
      const client = await openPodAs(target, dial, timeoutMs, loginsOf?.(target) ?? []);
      try {
        return [await lookAtCache(client, target)];
      } finally {
        client.close();
      }
    } catch {
      return [];
    }
  });
  return looks.flat();
}

/** One look, on a connection that is open. @throws MemcachedError */
export async function lookAtCache(client: MemcachedClient, { pod }: PodTarget): Promise<CacheLook> {
  const counters = cacheCounters(await client.stats());
  return { pod, at: performance.now(), counters };
}
