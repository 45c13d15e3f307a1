import type { PodTarget } from '../model/settings/pod-settings.ts';
import { type CopiedItems, type CopyOptions, copyItems } from './copy-items.ts';
import type { MemcachedClient, MemcachedCredentials } from './memcached-client.ts';
import { type Dial, openPod } from './open-pod.ts';

export interface BetweenPods extends CopyOptions {
  dial: Dial;
  /** For connecting, and as the longest silence, milliseconds. */
  timeoutMs: number;
  /** Of the source, where it was started with -Y. */
  sourceCredentials?: MemcachedCredentials;
  targetCredentials?: MemcachedCredentials;
}

/** {@link copyItems} between two pods, over connections of its own: two to the source, one to the target. @throws as it does, and as `dial` */
export async function copyBetweenPods(
  source: PodTarget,
  target: PodTarget,
  options: BetweenPods,
): Promise<CopiedItems> {
  const { dial, timeoutMs, sourceCredentials, targetCredentials } = options;
  const wanted: [PodTarget, MemcachedCredentials | undefined][] = [
    [source, sourceCredentials],
    [source, sourceCredentials],
    [target, targetCredentials],
  ];
  const opened = await Promise.allSettled(
    wanted.map(([pod, credentials]) => openPod(pod, dial, timeoutMs, credentials)),
  );
  const clients: MemcachedClient[] = [];
  try {
    for (const each of opened) if (each.status === 'fulfilled') clients.push(each.value);
    for (const each of opened) if (each.status === 'rejected') throw each.reason;
    const [list, fetch, store] = clients as [MemcachedClient, MemcachedClient, MemcachedClient];
    return await copyItems({ list, fetch }, store, options);
  } finally {
    for (const client of clients) client.close();
  }
}
