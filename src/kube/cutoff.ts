import { CutShortError } from '../errors/cut-short.ts';
import { InterruptedError } from '../errors/tool-error.ts';

/** From Ctrl-C until requests are given up, milliseconds: enough for a server that is well to end what is in hand. */
const GRACE_MS = 2_500;

/**
 * What an interruption leaves of requests: those under way, and those that end what is in hand (Helm's record, the
 * Lease), have a short time left; after it nothing is waited for and nothing is sent. A server that has stalled then
 * holds nobody up.
 */
export class Cutoff {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  readonly #interruption: AbortSignal | undefined;

  /** @param interruption aborted on Ctrl-C or SIGTERM. */
  constructor(interruption?: AbortSignal, graceMs: number = GRACE_MS) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#interruption = interruption;
    const begin = (): void => void setTimeout(() => controller.abort(), graceMs);
    if (interruption?.aborted === true) begin();
    else interruption?.addEventListener('abort', begin, { once: true });
  }

  /** Whether what is sent again would only be waited for: an attempt that failed is the last one. */
  get isLastAttempt(): boolean {
    return this.#interruption?.aborted === true;
  }

  /**
   * What to throw in the place of `error` when the time is over.
   * @param isOpen the request changes something, and had been sent: nobody knows what became of it.
   */
  instead(error: unknown, what: string, isOpen: boolean): unknown {
    if (!this.signal.aborted) return error;
    const message = `interrupted while the API server had not answered: ${what}`;
    return isOpen
      ? new CutShortError(message, { cause: error })
      : new InterruptedError(message, { cause: error });
  }
}
