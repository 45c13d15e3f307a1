import { BrokenOffError, type ErrorHelp, InterruptedError } from './tool-error.ts';

/**
 * Waits for `work`, but no longer than until Ctrl-C, SIGTERM or whatever else aborts the signal. For work that only reads: it may go on
 * unheard. @throws BrokenOffError saying what was left untouched.
 */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal, untouched: string): Promise<T> {
  work.catch(() => {}); // its failure after the interruption is nobody's concern
  const { promise: interruption, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(brokenOff(signal, undefined, { untouched }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interruption]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The error of something that a signal broke off: Ctrl-C, or what the signal was aborted with.
 * @param what "the restore of cart"; undefined where the reader knows.
 */
export function brokenOff(
  { reason }: AbortSignal,
  what: string | undefined,
  help: ErrorHelp,
): BrokenOffError {
  const subject = what === undefined ? '' : `${what} was `;
  if (!(reason instanceof BrokenOffError) || reason instanceof InterruptedError) {
    return new InterruptedError(`${subject}interrupted`, help);
  }
  return new BrokenOffError(`${subject}stopped: ${reason.message}`, help);
}
