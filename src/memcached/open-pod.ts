import type { Duplex } from 'node:stream';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import { type MemcachedClient, type MemcachedCredentials, openMemcached } from './memcached-client.ts';
import { MemcachedError } from './memcached-error.ts';

/** Opens a connection to a port of a pod. */
export type Dial = (namespace: string, pod: string, port: number, timeoutMs: number) => Promise<Duplex>;

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
