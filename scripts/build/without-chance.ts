import { setFlagsFromString } from 'node:v8';

/**
 * A code cache holds the functions that were compiled, as they lay in V8's heap; for two builds to give the same one, nothing that differs from
 * run to run may decide what is compiled or where it comes to lie.
 */

/** Of a process whose caches are taken: seeds of V8's own, and one thread. V8 takes such a cache without the flag, too. */
export const SAME_SEEDS = ['--predictable'];

/**
 * Of a process that runs the program, besides {@link SAME_SEEDS}: no old object is collected. V8 does not clear memory that it uses again, and of what was in
 * there, some bytes would stay in the padding of compiled functions; also, what hangs by a WeakRef is there or not.
 */
const NO_COLLECTION = {
  during: ['--initial-heap-size=2000', '--initial-old-space-size=2000', '--no-memory-reducer'],
  // V8 holds a cache to the flags that it was taken under: these are the usual ones.
  after: ['--initial-heap-size=0', '--initial-old-space-size=0', '--memory-reducer', '--flush-bytecode'],
};

export const FLAGS_OF_A_RUN = [...SAME_SEEDS, ...NO_COLLECTION.during];

/** Called before a cache is taken. */
export function takeBackFlags(): void {
  for (const flag of NO_COLLECTION.after) setFlagsFromString(flag);
}

/** When every warm-up takes place. It is after the dates in what the tests' model of a cluster holds. */
const MOMENT = Date.parse('2026-11-22T12:00:00Z');

/** Seconds from one command line to the next: their backups have ids of their own, whether the machine is fast or busy. */
const APART_S = 10;

/**
 * Has the clock of this process stand still while a command line runs, each look at its stopwatch come a millisecond after the one before, and no
 * interval come round: how often one did would be chance, and compiled code remembers whether it compared whole numbers.
 * @returns called with each command line's number, sets the clock to when it is run.
 */
export function leaveNothingToChance(): (line: number) => void {
  const TrueDate = Date;
  let moment = MOMENT;
  const now = (): number => moment;
  globalThis.Date = class extends TrueDate {
    constructor(...parts: []) {
      super(...(parts.length === 0 ? ([now()] as unknown as []) : parts));
    }
    static override now = now;
  } as DateConstructor;
  let looks = 0;
  performance.now = () => {
    looks += 1;
    return looks;
  };
  const hrtime = (): [number, number] => [0, performance.now() * 1e6];
  process.hrtime = Object.assign(hrtime, { bigint: process.hrtime.bigint });
  const neverDue = 2 ** 31 - 1;
  const trueInterval = setInterval;
  globalThis.setInterval = ((callback: () => void) => trueInterval(callback, neverDue)) as typeof setInterval;
  return (line) => {
    moment = MOMENT + line * APART_S * 1000;
  };
}
