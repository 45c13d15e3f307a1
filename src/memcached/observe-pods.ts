import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '../errors/map-limited.ts';
import type { PodSettings } from '../model/records/backup-format.ts';
import type { LoginsOf } from '../model/settings/auth-file.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { type Dial, openPodAs } from './open-pod.ts';

/** What one pod says of itself, at two moments. */
export interface PodObservation {
  target: PodTarget;
  /** With `version` and `stats` (its settings) where it answered, else with `error`. */
  settings: PodSettings;
  /** `stats`, at the beginning and at the end; empty where it did not answer. */
  before: Record<string, string>;
  after: Record<string, string>;
  /** Between the two, in seconds. */
  seconds: number;
  /** From the last request, on a connection that is open, to its answer, milliseconds. */
  answerMs: number;
  /** Why it did not answer; undefined where it did, or where there is no port to ask at. */
  cause?: Error;
}

export interface ObserveOptions {
  /** For each command, milliseconds. */
  timeoutMs: number;
  /** Between the two looks, milliseconds. */
  intervalMs: number;
  /** For servers started with -Y; nobody where absent. */
  loginsOf?: LoginsOf;
}

const AT_ONCE = 16;

/** Two looks at pods, under way. Neither rejects. */
export interface PodLooks {
  /** What each pod said at the first one that it runs with: whoever needs no more does not wait for the second. */
  settings: Promise<PodSettings[]>;
  observations: Promise<PodObservation[]>;
}

/**
 * Asks every pod for its version, `stats settings` and `stats`, and after a while for `stats` again: lifetime
 * counters say what once was, their difference what is. A pod that does not answer never fails the others.
 */
export function observePods(targets: readonly PodTarget[], dial: Dial, options: ObserveOptions): PodLooks {
  const first = targets.map(() => Promise.withResolvers<PodSettings>());
  const observations = mapLimited([...targets.entries()], AT_ONCE, async ([index, target]) => {
    const tell = (settings: PodSettings): void => first[index]?.resolve(settings);
    const observation = await observePod(target, dial, options, tell);
    tell(observation.settings);
    return observation;
  });
  return { settings: Promise.all(first.map(({ promise }) => promise)), observations };
}

async function observePod(
  target: PodTarget,
  dial: Dial,
  { timeoutMs, intervalMs, loginsOf }: ObserveOptions,
  tell: (settings: PodSettings) => void,
): Promise<PodObservation> {
  const silent = (error: string, cause?: Error): PodObservation => ({
    target,
    settings: { ...target.known, error },
    before: {},
    after: {},
    seconds: 0,
    answerMs: 0,
    ...(cause === undefined ? {} : { cause }),
  });
  if (target.port === 0) return silent('it listens on no TCP port');
  try {
    const client = await openPodAs(target, dial, timeoutMs, loginsOf?.(target) ?? []);
    try {
      const [version, stats, before] = await Promise.all([
        client.version(),
        client.stats('settings'),
        client.stats(),
      ]);
      const lookedAt = performance.now();
      const settings = { ...target.known, version, stats };
      tell(settings);
      await sleep(intervalMs);
      const askedAt = performance.now();
      const after = await client.stats();
      const answeredAt = performance.now();
      return {
        target,
        settings,
        before,
        after,
        seconds: (answeredAt - lookedAt) / 1000,
        answerMs: answeredAt - askedAt,
      };
    } finally {
      client.close();
    }
  } catch (error) {
    return silent((error as Error).message, error as Error);
  }
}
