import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats `check` until it no longer throws.
 * @throws what `check` threw last, after `timeoutMs`.
 */
export async function eventually<T>(
  check: () => Promise<T>,
  timeoutMs = 60_000,
  intervalMs = 500,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(intervalMs);
    }
  }
}
