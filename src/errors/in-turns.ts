import { setImmediate as others } from 'node:timers/promises';

/** Longest stretch of work, milliseconds, before signals, timers and answers of servers have their turn. */
const TURN_MS = 50;

/**
 * Runs work that is cut into steps and lets everything else have its turn between them, so that Ctrl-C is heard and
 * deadlines are kept while something large is read.
 */
export async function inTurns<T>(steps: Generator<unknown, T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (turns.isOver()) await turns.next();
  }
}

/** Lets everything else have its turn in a long piece of work that awaits nothing else. */
export class Turns {
  #began = now();

  isOver(): boolean {
    return now() - this.#began >= TURN_MS;
  }

  /** At once, unless the turn is over. */
  async next(): Promise<void> {
    if (!this.isOver()) return;
    await others();
    this.#began = now();
  }
}

/** The same work done at one go. */
export function atOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Milliseconds of the clock that never jumps. `performance.now()` says the same, and takes 1 ms to load. */
function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
