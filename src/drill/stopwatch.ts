import type { DrillPhase, DrillPhaseName } from '../model/records/drill-report.ts';

/** Times one phase after another; a question to a person stops it. Milliseconds of a clock that never goes back. */
export class Stopwatch {
  readonly #spent = new Map<DrillPhaseName, number>();
  #phase: DrillPhaseName;
  #since: number;
  readonly #clock: () => number;

  /** @param since when the first phase began, by the same clock. */
  constructor(phase: DrillPhaseName, since: number, clock: () => number = () => performance.now()) {
    this.#phase = phase;
    this.#since = since;
    this.#clock = clock;
  }

  /** From now on it is this phase. */
  begin(phase: DrillPhaseName): void {
    this.#settle();
    this.#phase = phase;
  }

  /** Does `work`, the time of which counts for nothing. */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.#settle();
    try {
      return await work();
    } finally {
      this.#since = this.#clock();
    }
  }

  /** Moves seconds from one phase to another, no more than it has. @returns how many. */
  move(from: DrillPhaseName, to: DrillPhaseName, seconds: number): void {
    const moved = Math.min(seconds * 1000, this.#spent.get(from) ?? 0);
    this.#spent.set(from, (this.#spent.get(from) ?? 0) - moved);
    this.#spent.set(to, (this.#spent.get(to) ?? 0) + moved);
  }

  /** What was spent by now, in the order of `order`; phases that were not reached are left out. */
  phases(order: readonly DrillPhaseName[]): DrillPhase[] {
    this.#settle();
    return order.flatMap((name) => {
      const spent = this.#spent.get(name);
      return spent === undefined ? [] : [{ name, seconds: round(spent / 1000) }];
    });
  }

  #settle(): void {
    const now = this.#clock();
    this.#spent.set(this.#phase, (this.#spent.get(this.#phase) ?? 0) + now - this.#since);
    this.#since = now;
  }
}

export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
