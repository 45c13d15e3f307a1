import { shellWord } from '../advice/shell-word.ts';
import { KUBECTL_PLUGIN } from '../session/spell-invocation.ts';
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

/** A command of this tool about the backups of a release. */
export function onBackups(
  words: string,
  { namespace }: Pick<RunbookRelease, 'namespace'>,
  how: CommandWords,
): string {
  return `${onRelease(words, { namespace }, how)}${how.key}`;
}

/** The same where no backup is opened: it takes no key. */
export function onRelease(
  words: string,
  { namespace }: Pick<RunbookRelease, 'namespace'>,
  how: CommandWords,
): string {
  return `${how.invocation} ${words} -n ${shellWord(namespace)}${how.store}`;
}

/** A command of kubectl, in the same cluster. */
export function ofKubectl(words: string, { invocation }: CommandWords): string {
  const flags = invocation.replace(KUBECTL_PLUGIN, '').replace('helm memcached-backup', '').trim();
  return `kubectl ${flags === '' ? '' : `${flags} `}${words}`;
}
