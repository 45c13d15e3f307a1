import { type ErrorHelp, IncompleteError } from '../errors/tool-error.ts';

/**
 * Why a memcached server could not be asked, so that a proof can say what it lacks:
 * - authentication: it wants a user and a password (-Y), and none or the wrong ones were given;
 * - silent: it accepts bytes and answers nothing (a binary-only or SASL server: -B binary, -S);
 * - refused: nobody listens there, or it closed the connection without an answer (a TLS server: -Z);
 * - busy: its connections are used up (-c);
 * - protocol: it answered, but not as memcached's text protocol says.
 */
export type MemcachedReason = 'authentication' | 'silent' | 'refused' | 'busy' | 'protocol';

/** A memcached server that could not be asked. Nothing was changed on it. */
export class MemcachedError extends IncompleteError {
  readonly reason: MemcachedReason;

  constructor(reason: MemcachedReason, message: string, help: ErrorHelp = {}) {
    super(message, help);
    this.reason = reason;
  }
}
