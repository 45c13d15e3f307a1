/**
 * A command that a person is advised to paste, as a structure: whoever prints it adds the flags of the connection in
 * use ({@link ./spell.ts}), so that it is about the same cluster as the same user.
 */
export interface Command {
  /** Who runs it. "memcached-backup" is this tool; of the others only kubectl, helm and flux take flags of a connection. */
  program: string;
  /** What follows the program's name and the connection flags. */
  words: readonly Word[];
  /** Of a pipeline or a list: what comes after it. */
  next?: { by: '|' | '&&'; command: Command };
}

/** One word of a command line, not quoted. */
export type Word = string | number | Placeholder | Substitution | Syntax;

/** What the person has to put in: it is printed so that a shell takes it for one word, and no server for a name. */
export interface Placeholder {
  placeholder: string;
  /** What stands before it in the same word: "memcached=". */
  prefix?: string;
}

/** What the shell itself reads: `</dev/null`. Never of anything that was read. */
export interface Syntax {
  syntax: string;
}

/** What another command prints, as a word: `$(…)`. */
export interface Substitution {
  output: Command;
}

/** @param words without the connection's flags; -n with them where a namespace is meant. */
export function kubectl(...words: Word[]): Command {
  return { program: 'kubectl', words };
}

export function helm(...words: Word[]): Command {
  return { program: 'helm', words };
}

/** A command of this tool: `tool('undo', 'cart', '-n', 'shop', ...store.flags)`. */
export function tool(...words: Word[]): Command {
  return { program: TOOL, words };
}

/** The name of this tool as the program of a {@link Command}: how it is called is the user's matter. */
export const TOOL = 'memcached-backup';

/** A command of a program that reaches no cluster: ls, git, aws. */
export function shell(program: string, ...words: Word[]): Command {
  return { program, words };
}

/** @param what in a few words: "image with sh, kubectl and helm". */
export function placeholder(what: string, prefix?: string): Placeholder {
  return { placeholder: what, ...(prefix === undefined ? {} : { prefix }) };
}

/** `first | second` */
export function pipe(first: Command, second: Command): Command {
  return chain(first, '|', second);
}

/** `first && second` */
export function andThen(first: Command, second: Command): Command {
  return chain(first, '&&', second);
}

function chain(first: Command, by: '|' | '&&', second: Command): Command {
  const { next } = first;
  return {
    ...first,
    next:
      next === undefined ? { by, command: second } : { ...next, command: chain(next.command, by, second) },
  };
}
