import type { Command } from './command.ts';

/** What a person is advised to do: words, and commands among them. A plain string holds no command. */
export type Advice = string | Command | readonly (string | Command)[];

/** Advice of words and commands: advice`check the disk, then ${tool('backup', 'cart')}`. */
export function advice(texts: TemplateStringsArray, ...parts: (Advice | number | undefined)[]): Advice {
  return texts.flatMap((text, index) => [text, ...partsOf(parts[index])]).filter((part) => part !== '');
}

/** Several pieces of advice as one sentence's parts. */
export function partsOf(part: Advice | number | undefined): (string | Command)[] {
  if (part === undefined) return [];
  if (typeof part === 'number') return [String(part)];
  if (typeof part === 'string') return [part];
  return 'program' in part ? [part] : [...part];
}

/** The commands in it, also those behind a pipe and within a word. */
export function commandsIn(part: Advice): Command[] {
  return partsOf(part).flatMap((each) => (typeof each === 'string' ? [] : simpleCommands(each)));
}

/** The commands that one line runs. */
export function simpleCommands(command: Command): Command[] {
  const within = command.words.flatMap((word) =>
    typeof word === 'object' && 'output' in word ? simpleCommands(word.output) : [],
  );
  return [command, ...within, ...(command.next === undefined ? [] : simpleCommands(command.next.command))];
}
