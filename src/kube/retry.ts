import type { HttpReply } from './transport.ts';

/** Requests of one call, the first included. */
const ATTEMPTS = 4;
/** First wait; it doubles. */
const FIRST_WAIT_MS = 250;
/** A server that asks for a longer pause is not waited for: the user is told instead. */
const LONGEST_WAIT_MS = 10_000;

/** Statuses of a server that is starting, overloaded or behind a proxy that lost it. */
const PASSING = new Set([500, 502, 503, 504]);
/** A connection that broke before an answer; only reads are asked again, a write may have been done. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** Nobody listens: where somebody did a moment ago, the server is being restarted. */
const NOBODY_THERE = 'ECONNREFUSED';

export type Outcome = { reply: HttpReply } | { error: unknown };

export interface RetryRules {
  /** A GET or a dry run: asking again changes nothing. */
  read: boolean;
  /** Whether this server has answered before. */
  wasUp: boolean;
  /** Whether "429, Retry-After" is waited for. An eviction that a PDB blocks answers so and must not be. */
  tooManyRequests: boolean;
}

/**
 * Milliseconds to wait before the next attempt, or undefined where the outcome stands.
 * @param attempt 1 for the first.
 * @param random 0 ≤ random < 1; spreads clients that were turned away together.
 */
export function retryDelay(
  outcome: Outcome,
  attempt: number,
  rules: RetryRules,
  random: number,
): number | undefined {
  if (attempt >= ATTEMPTS) return undefined;
  const backOff = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random);
  if ('error' in outcome) {
    const { code } = outcome.error as NodeJS.ErrnoException;
    const passes = BROKEN_CONNECTION.has(code ?? '') || (code === NOBODY_THERE && rules.wasUp);
    return rules.read && passes ? backOff : undefined;
  }
  const { status, headers } = outcome.reply;
  const asked = retryAfter(headers['retry-after']);
  if (status === 429) {
    if (!rules.tooManyRequests || (!rules.read && asked === undefined)) return undefined;
  } else if (!rules.read || !PASSING.has(status)) {
    return undefined;
  }
  if (asked === undefined) return backOff;
  return asked > LONGEST_WAIT_MS ? undefined : Math.max(asked, backOff);
}

/** Retry-After in milliseconds; the API server sends whole seconds. */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}
