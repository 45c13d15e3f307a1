import { ExitCode } from '../../errors/exit-code.ts';

/** What a store did to a run that failed at it: it had no room left, or it can't be used for another reason. */
export type StoreFault = 'full' | 'unusable';

/** What the line begins with in which a run says how it ended, by its exit code; a success needs no such word. */
const WORDS: Readonly<Record<number, string>> = {
  [ExitCode.failed]: 'failed',
  [ExitCode.usage]: 'wrong command line',
  [ExitCode.differs]: 'differs',
  [ExitCode.unreachable]: 'failed',
  [ExitCode.incomplete]: 'incomplete',
  [ExitCode.interrupted]: 'interrupted',
};
/** Behind that word. */
const MARKS: Readonly<Record<StoreFault, string>> = { full: 'store is full', unusable: 'store' };

/** "failed (store is full)"; undefined for a success. */
export function endWord(exitCode: ExitCode, fault: StoreFault | undefined): string | undefined {
  const word = WORDS[exitCode];
  return word === undefined || fault === undefined ? word : `${word} (${MARKS[fault]})`;
}

/**
 * What a run's line says of the store; "none": it failed at something else. Undefined where it is no such line, but the end of a log
 * perhaps.
 */
export function storeFaultIn(line: string): StoreFault | 'none' | undefined {
  const [, word = '', mark] = /^([a-z ]+?)(?: \(([^)]*)\))?: /.exec(line) ?? [];
  if (!Object.values(WORDS).includes(word)) return undefined;
  return (['full', 'unusable'] as const).find((fault) => MARKS[fault] === mark) ?? 'none';
}
