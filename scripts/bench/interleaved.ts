import { expectCode, type Outcome } from '../../test/e2e/support/process.ts';
import type { Figure } from './figures.ts';

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

/** What is compared: a command of the tool, and what people would do without it. */
export interface Comparison {
  what: string;
  ours(): Promise<Outcome>;
  yardstick: string;
  theirs(): Promise<Outcome>;
}

/** The two in turns. @throws as {@link interleaved}. */
export async function compare(
  { what, ours, yardstick, theirs }: Comparison,
  bounds: Bounds = { rounds: 15, deadlineMs: 90_000 },
): Promise<Figure> {
  const contenders = [
    { name: 'theirs', run: theirs },
    { name: 'ours', run: ours },
  ];
  const medians = await interleaved(contenders, bounds);
  return { what, ours: medians.ours!, yardstick, theirs: medians.theirs! };
}

/** The outcome of a listing. @throws Error where it has fewer than `least` lines. */
export async function listing(least: number, outcome: Promise<Outcome>): Promise<Outcome> {
  const result = await outcome;
  const lines = result.stdout.split('\n').length;
  if (lines < least) throw new Error(`only ${lines} lines were listed`);
  return result;
}

/** @throws Error of fewer than three. */
export function median(values: number[]): number {
  if (values.length < 3)
    throw new Error(`only ${values.length} rounds before the deadline: the machine is too busy`);
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
