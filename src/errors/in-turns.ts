import { setImmediate as others } from 'node:timers/promises';

/** Longest stretch of work, milliseconds, before signals, timers and answers of servers have their turn. */
const TURN_MS = 50;

/**
 * Runs work that is cut into steps and lets everything else have its turn between them, so that Ctrl-C is heard and
 * deadlines are kept while something large is read.
 */
export async function inTurns<T>(steps: Generator<unknown, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await others();
    began = performance.now();
  }
}

/** The same work done at one go. */
export function atOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
