import { type Advice, partsOf } from './advice.ts';
import { type Command, TOOL, type Word } from './command.ts';
import { shellWord } from './shell-word.ts';

/** How the user calls the programs that advice names, and the flags that lead them to the cluster in use as the same user. */
export interface Spelling {
  /** "kubectl memcached-backup" or "helm memcached-backup", a word each. */
  tool: readonly string[];
  /** Unquoted words each. */
  flags: Readonly<Record<'kubectl' | 'helm' | typeof TOOL, readonly string[]>>;
}

/** For a text that is read elsewhere, by somebody else: no flags of a connection. */
export const PLAIN_SPELLING: Spelling = {
  tool: ['kubectl', TOOL],
  flags: { kubectl: [], helm: [], [TOOL]: [] },
};

/** A command line for a POSIX shell: every word quoted where it has to be. */
export function spellCommand({ program, words, next }: Command, spelling: Spelling): string {
  const line = [
    ...[...programWords(program, spelling), ...flagsFor(program, spelling)].map(shellWord),
    ...words.map((word) => spellWord(word, spelling)),
  ].join(' ');
  return next === undefined ? line : `${line} ${next.by} ${spellCommand(next.command, spelling)}`;
}

/** Advice as a text of one line. */
export function spellAdvice(advice: Advice, spelling: Spelling): string {
  return partsOf(advice)
    .map((part) => (typeof part === 'string' ? part : spellCommand(part, spelling)))
    .join('');
}

function programWords(program: string, { tool }: Spelling): readonly string[] {
  return program === TOOL ? tool : [program];
}

/** Flux takes kubectl's own flags for its connection (fluxcd.io, "flux"). */
function flagsFor(program: string, { flags }: Spelling): readonly string[] {
  if (program === 'flux') return flags.kubectl;
  return Object.hasOwn(flags, program) ? flags[program as keyof Spelling['flags']] : [];
}

function spellWord(word: Word, spelling: Spelling): string {
  if (typeof word === 'number') return String(word);
  if (typeof word === 'string') return shellWord(word);
  if ('syntax' in word) return word.syntax;
  if ('output' in word) return `$(${spellCommand(word.output, spelling)})`;
  return shellWord(`${word.prefix ?? ''}<${word.placeholder}>`);
}
