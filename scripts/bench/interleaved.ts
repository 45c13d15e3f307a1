import { expectCode, type Outcome } from '../../test/e2e/support/process.ts';

/** Something to be timed, start to exit. */
export interface Contender {
  name: string;
  run(): Promise<Outcome>;
}

export interface Bounds {
  /** Timed rounds at most; one more goes before them untimed, to warm caches. */
  rounds: number;
  /** No round starts after this. */
  deadlineMs: number;
}

/**
 * Times the contenders in turns, so that what disturbs the machine disturbs all of them: name → median in
 * milliseconds.
 * @throws Error where one of them fails, or where fewer than three rounds fitted before the deadline.
 */
export async function interleaved(contenders: Contender[], bounds: Bounds): Promise<Record<string, number>> {
  const started = performance.now();
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= bounds.rounds; round++) {
    if (performance.now() - started > bounds.deadlineMs) break;
    const turn = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of turn) {
      const { ms } = expectCode(await contender.run());
      if (round > 0) times.get(contender.name)?.push(ms);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

function median(values: number[]): number {
  if (values.length < 3)
    throw new Error(`only ${values.length} rounds before the deadline: the machine is too busy`);
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
