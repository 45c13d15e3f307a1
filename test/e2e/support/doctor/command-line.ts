/** A simple command of a command line: its words as its program gets them; `$(…)` as it stands. */
export type Words = string[];

/** A command line as tools print it, taken apart. */
export interface CommandLine {
  /** In the order in which they are written. */
  commands: Words[];
  /** The line again, with what `change` makes of each command. */
  rewritten(change: (words: Words) => Words): string;
}

/** What stands between two commands. */
const JOINTS = ['&&', '||', '|', ';'];

/**
 * Takes a line of a POSIX shell apart, as far as commands are ever advised: words, single quotes, a backslash before a quote, pipes,
 * lists, and `$(…)` as a word.
 */
export function commandLine(line: string): CommandLine {
  const parts: (string | Words)[] = [];
  let words: Words = [];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    const rest = line.slice(at);
    const quote = /^'([^']*)'/.exec(rest);
    const substitution = /^\$\(([^)]*)\)/.exec(rest);
    const joint = JOINTS.find((text) => rest.startsWith(text));
    if (quote !== null) {
      word = (word ?? '') + quote[1];
      at += quote[0].length - 1;
    } else if (substitution !== null) {
      word = (word ?? '') + substitution[0];
      at += substitution[0].length - 1;
    } else if (joint !== undefined) {
      endWord();
      parts.push(words, joint);
      words = [];
      at += joint.length - 1;
    } else if (char === ' ') endWord();
    else word = (word ?? '') + (char === '\\' ? (line[++at] ?? '') : char);
  }
  endWord();
  parts.push(words);
  return {
    commands: parts.filter((part) => typeof part !== 'string'),
    rewritten: (change) =>
      parts.map((part) => (typeof part === 'string' ? part : change(part).map(quoted).join(' '))).join(' '),
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$|^\$\(/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
