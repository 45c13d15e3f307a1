import { InterruptedError } from './tool-error.ts';

/**
 * Waits for `work`, but no longer than until Ctrl-C or SIGTERM. For work that only reads: it may go on
 * unheard. @throws InterruptedError saying what was left untouched.
 */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal, untouched: string): Promise<T> {
  work.catch(() => {}); // its failure after the interruption is nobody's concern
  const { promise: interruption, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new InterruptedError('interrupted', { untouched }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interruption]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
