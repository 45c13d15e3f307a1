import { mapLimited } from '../errors/map-limited.ts';
import type { CacheLook } from '../model/cache/emptying-cost.ts';
import type { PodSettings } from '../model/records/backup-format.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { lookAtCache } from './look-at-caches.ts';
import type { Canary } from './memcached-client.ts';
import { MemcachedError } from './memcached-error.ts';
import { type Dial, openPodAs } from './open-pod.ts';

/** What one pod answered. */
export interface PodAnswer {
  settings: PodSettings;
  canary?: Canary;
  /** What it had counted by then. */
  look?: CacheLook;
}

export interface AskOptions {
  /** For connecting, and for each command, milliseconds. */
  timeoutMs: number;
  /** Also store, read and delete a random key. */
  canary: boolean;
  /** Also ask what they have counted. */
  look?: boolean;
  /** For servers started with -Y; nobody where absent. */
  loginsOf?: LoginsOf;
}

/** Pods asked at one time: enough to hide the round trips, few enough for the API server. */
const AT_ONCE = 16;

/**
 * Asks every pod for its version and `stats settings`. A pod that does not answer in time is recorded with
 * the reason; it never fails the others.
 */
export function askPods(
  targets: readonly PodTarget[],
  dial: Dial,
  options: AskOptions,
): Promise<PodAnswer[]> {
  return mapLimited(targets, AT_ONCE, (target) => askPod(target, dial, options));
}

async function askPod(target: PodTarget, dial: Dial, options: AskOptions): Promise<PodAnswer> {
  if (target.port === 0) return { settings: { ...target.known, error: 'it listens on no TCP port' } };
  try {
    return await talk(target, dial, options).catch((error: unknown) => {
      // A connection that broke on the way says nothing of the pod: a proof must not fail of that.
      if (!(error instanceof MemcachedError) || error.reason !== 'refused') throw error;
      return talk(target, dial, options);
    });
  } catch (error) {
    return { settings: { ...target.known, error: (error as Error).message } };
  }
}

async function talk(
  target: PodTarget,
  dial: Dial,
  { timeoutMs, canary, look, loginsOf }: AskOptions,
): Promise<PodAnswer> {
  const client = await openPodAs(target, dial, timeoutMs, loginsOf?.(target) ?? []);
  try {
    const [version, stats, looked] = await Promise.all([
      client.version(),
      client.stats('settings'),
      look === true ? lookAtCache(client, target) : undefined,
    ]);
    const answer = {
      settings: { ...target.known, version, stats },
      ...(looked === undefined ? {} : { look: looked }),
    };
    return canary ? { ...answer, canary: await client.canary() } : answer;
  } finally {
    client.close();
  }
}
