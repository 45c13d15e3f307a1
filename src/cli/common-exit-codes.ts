import { ExitCode } from '../errors/exit-code.ts';

/** What exit codes mean, of every command that does not say more of one itself. */
export const COMMON_EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  [ExitCode.ok]: 'done, and proved where there is something to prove',
  [ExitCode.failed]: 'failed; the message says what was left untouched and what to type next',
  [ExitCode.usage]: 'the command line was wrong',
  [ExitCode.differs]: 'differs (diff), or something does not work (doctor)',
  [ExitCode.unreachable]:
    "the cluster or the store can't be reached, or the cluster refuses your credentials",
  [ExitCode.incomplete]: 'incomplete, or applied and not proved',
  [ExitCode.interrupted]: 'interrupted, or the answer to its question was no',
};
