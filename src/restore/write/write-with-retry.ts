import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError, UnreachableError } from '../../errors/tool-error.ts';
import { ApiError } from '../../kube/api-error.ts';
import { isTrouble, leavesOpen } from '../../kube/leaves-open.ts';
import { DeadlineError } from '../../kube/transport.ts';

/** What became of a write whose answer never came. */
export type Found<T> = { is: 'done'; answer: T } | { is: 'not done' } | { is: 'something else' };

/** How often a write is sent, or looked for, at the most. */
const ATTEMPTS = 4;
/** Before the second attempt, in milliseconds; it doubles. */
const FIRST_WAIT_MS = 300;

/**
 * Sends a write. Where the server breaks down, is overloaded or is not heard, it waits, looks at what became of the
 * write, and sends it again only where nothing did: a load balancer's hiccup is no reason to fail, and nothing is
 * done twice.
 * @param look reads what is there; absent for what may be sent twice: what goes by its uid.
 * @throws what the server refuses it with; where the server does not come back, or where something else is there
 * than was meant, the error that left this open.
 */
export async function writeWithRetry<T>(
  write: () => Promise<T>,
  look: () => Promise<Found<T>> = async () => ({ is: 'not done' }),
): Promise<T> {
  let failure: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (failure !== undefined) {
      await sleep(FIRST_WAIT_MS * 2 ** (attempt - 2));
      const found = await look().catch((error: unknown) => {
        if (!mayPass(error) || (isTimeOut(failure) && isTimeOut(error))) throw failure;
      });
      if (found === undefined) continue;
      if (found.is === 'done') return found.answer;
      if (found.is === 'something else') throw failure;
    }
    try {
      return await write();
    } catch (error) {
      // What is in the way of a second attempt may be the first one, which was done late.
      const isInTheWay = failure !== undefined && error instanceof ApiError && error.status === 409;
      // Whoever is cut short does not ask what became of what was sent before.
      if (failure !== undefined && error instanceof InterruptedError && leavesOpen(failure)) throw failure;
      if (!mayPass(error) && !isInTheWay) throw error;
      // A server that is silent for as long as anybody wanted to wait, twice, is not waited for a third time.
      if (isTimeOut(failure) && isTimeOut(error)) throw error;
      if (failure === undefined || leavesOpen(error)) failure = error;
    }
  }
  throw failure;
}

function isTimeOut(error: unknown): boolean {
  return error instanceof UnreachableError && error.cause instanceof DeadlineError;
}

function mayPass(error: unknown): boolean {
  return isTrouble(error) || (error instanceof ApiError && error.status === 429);
}
