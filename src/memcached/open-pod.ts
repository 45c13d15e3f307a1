import type { Duplex } from 'node:stream';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { type MemcachedClient, type MemcachedCredentials, openMemcached } from './memcached-client.ts';
import { MemcachedError } from './memcached-error.ts';

/** Opens a connection to a port of a pod. */
export type Dial = (namespace: string, pod: string, port: number, timeoutMs: number) => Promise<Duplex>;

/**
 * As {@link openPod}, as the first of some users whom the server knows: which file of users it was started with, it alone knows.
 * As nobody where there are none.
 * @throws as openPod does; MemcachedError "authentication" where it knows none of them.
 */
export async function openPodAs(
  target: PodTarget,
  dial: Dial,
  timeoutMs: number,
  logins: readonly MemcachedCredentials[],
): Promise<MemcachedClient> {
  let unknown: MemcachedError | undefined;
  for (const login of logins) {
    const client = await openPod(target, dial, timeoutMs, login);
    try {
      // Whether it takes the user shows only when something is asked.
      await client.version();
      return client;
    } catch (error) {
      client.close();
      if (!(error instanceof MemcachedError) || error.reason !== 'authentication') throw error;
      unknown = error;
    }
  }
  if (unknown !== undefined) throw unknown;
  return openPod(target, dial, timeoutMs);
}

/**
 * A connection to a pod's memcached. Where its port is a guess, the first of the guesses that answers `version` as
 * memcached does: that nobody listens shows only when something is asked.
 * @param timeoutMs for connecting, and for the answer.
 * @param credentials for a server started with -Y.
 * @throws as `dial` does; of several guesses what the first one met.
 */
export async function openPod(
  { namespace, pod, port, otherPorts = [] }: PodTarget,
  dial: Dial,
  timeoutMs: number,
  credentials?: MemcachedCredentials,
): Promise<MemcachedClient> {
  const open = async (at: number): Promise<MemcachedClient> =>
    openMemcached(await dial(namespace, pod, at, timeoutMs), {
      timeoutMs,
      name: `pod/${pod}`,
      ...(credentials === undefined ? {} : { credentials }),
    });
  if (otherPorts.length === 0) return open(port);
  const failures: unknown[] = [];
  for (const guess of [port, ...otherPorts]) {
    try {
      const client = await open(guess);
      await client.version();
      return client;
    } catch (error) {
      // It is memcached, and says no.
      if (error instanceof MemcachedError && /^(?:authentication|busy)$/.test(error.reason)) throw error;
      failures.push(error);
    }
  }
  throw failures[0];
}
