import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import type { CommandWords, RunbookRelease } from './runbook-facts.ts';

/** A situation, and the commands to paste in it, in their order. */
export interface Scenario {
  title: string;
  /** When it is the one, and what it does: Markdown. */
  about: string;
  steps: readonly Step[];
}

export interface Step {
  /** What the command is for, a line. */
  why: string;
  command: string;
}

/** A command of this tool about the backups of a release. @param words "restore", "cart"; what comes after: namespace, store, key. */
export function onBackups(
  words: readonly string[],
  { namespace }: Pick<RunbookRelease, 'namespace'>,
  { spelling, store, key }: CommandWords,
): string {
  return spellCommand(tool(...words, '-n', namespace, ...store, ...key), spelling);
}

/** The same where no backup is opened: it takes no key. */
export function onRelease(
  words: readonly string[],
  release: Pick<RunbookRelease, 'namespace'>,
  how: CommandWords,
): string {
  return onBackups(words, release, { ...how, key: [] });
}
