import { PER_POD } from './argument-expansion.ts';

/** Stands in a word for what can't be known from here: a variable's value, a command's output. No argument holds it. */
export const UNKNOWN = '\uffff';

/** Looks a variable up: its value, {@link PER_POD} where only the pod knows it, undefined where it is not set. */
export type LookUp = (name: string) => string | typeof PER_POD | undefined;

/** The script of `sh -c`, and what follows it: `$0`, `$1`, …; undefined where the words are no such command. */
export function shellScriptOf(
  words: readonly string[],
): { script: string; parameters: string[] } | undefined {
  if (!isShell(words[0] ?? '')) return undefined;
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!;
    if (!/^[-+][A-Za-z]+$/.test(word)) return undefined;
    // -c takes the first word that is no option; -o takes a name (POSIX, sh).
    const takesName = word.endsWith('o');
    if (word.startsWith('-') && word.includes('c')) {
      const next = at + 1 + (takesName ? 1 : 0);
      const script = words[next];
      return script === undefined ? undefined : { script, parameters: words.slice(next + 1) };
    }
    if (takesName) at++;
  }
  return undefined;
}

export function isShell(word: string): boolean {
  return /^(?:.*\/)?(?:ba|da|a|k|z)?sh$/.test(word);
}

/** What may stand before a command's name (POSIX, 2.4: reserved words), and programs that run what follows them. */
const PREFIXES = new Set([
  'exec',
  'command',
  'nohup',
  'then',
  'else',
  'do',
  'if',
  'while',
  'until',
  '!',
  '{',
  '(',
  'time',
]);

/**
 * How a shell script runs memcached: the words after the program's name, variables replaced as far as they are known.
 * @returns undefined where it does not, does so in more than one way, or in a way that is not read here (a here-document,
 *   a variable of which nobody knows how many words it is).
 */
export function memcachedWordsOf(
  { script, parameters }: { script: string; parameters: readonly string[] },
  lookUp: LookUp,
): string[] | undefined {
  if (script.includes('<<') || script.length > LONGEST_SCRIPT) return undefined;
  const assigned = new Map<string, string | typeof PER_POD>();
  const variable: LookUp = (name) => {
    if (/^\d$/.test(name)) return parameters[Number(name)] ?? '';
    return assigned.get(name) ?? lookUp(name);
  };
  const found: string[][] = [];
  for (const words of commandsOf(script, variable, parameters.slice(1))) {
    const command = withoutPrefixes(words, assigned);
    if (/(?:^|\/)memcached$/.test(command[0] ?? '')) found.push(command.slice(1));
  }
  const [only, ...more] = found;
  if (only === undefined || more.length > 0) return undefined;
  return only.some((word, index) => word.startsWith(UNKNOWN) && !takesValue(only[index - 1]))
    ? undefined
    : only;
}

/** A script that starts a server has a few lines. */
const LONGEST_SCRIPT = 64 * 1024;

/** Whether the word before is a flag, whose argument this may be: else it may be any number of flags. */
function takesValue(before: string | undefined): boolean {
  return before !== undefined && /^--?[\w-]+$/.test(before);
}

/** The command's own words; assignments before it, or alone, are kept in mind. */
function withoutPrefixes(words: string[], assigned: Map<string, string | typeof PER_POD>): string[] {
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) assigned.set(name, value!.includes(UNKNOWN) ? PER_POD : value!);
    else if (word !== 'export' && !PREFIXES.has(word)) return words.slice(index);
  }
  return [];
}

/** The simple commands of a script, each as its words after quoting and expansion (POSIX, 2.2, 2.6 and 2.9). */
function* commandsOf(script: string, variable: LookUp, rest: readonly string[]): Generator<string[]> {
  let words: string[] = [];
  /** The word under way; undefined between words. "" in quotes is a word. */
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < script.length; ) {
    const character = script[at]!;
    if (character === '\\') {
      if (script[at + 1] !== '\n') word = (word ?? '') + (script[at + 1] ?? '');
      at += 2;
    } else if (character === "'") {
      const end = closing(script, "'", at + 1);
      word = (word ?? '') + script.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      word ??= '';
      for (at++; at < script.length && script[at] !== '"'; ) {
        if (script[at] === '\\' && /["\\$`\n]/.test(script[at + 1] ?? '')) {
          word += script[at + 1] === '\n' ? '' : script[at + 1];
          at += 2;
        } else if (script.startsWith('$@', at) || script.startsWith('$*', at)) {
          word += rest.join(' ');
          if (script[at + 1] === '@' && rest.length > 0) {
            words.push(...rest.slice(0, -1));
            word = rest.at(-1)!;
          }
          at += 2;
        } else {
          const { value, next } = expandAt(script, at, variable);
          word += value;
          at = next;
        }
      }
      at++;
    } else if (character === '#' && word === undefined) {
      at = closing(script, '\n', at);
    } else if (/[ \t]/.test(character)) {
      endWord();
      at++;
    } else if (/[\n;&|()]/.test(character)) {
      endWord();
      if (words.length > 0) yield words;
      words = [];
      at++;
    } else if (character === '$' && /[@*]/.test(script[at + 1] ?? '')) {
      endWord();
      words.push(...rest);
      at += 2;
    } else if (/[$`]/.test(character)) {
      const { value, next } = expandAt(script, at, variable);
      // Outside of quotes blanks separate words (2.6.5), and an empty value is none.
      const parts = value.split(/[ \t\n]+/);
      for (const [index, part] of parts.entries()) {
        if (index > 0) endWord();
        if (part !== '') word = (word ?? '') + part;
      }
      at = next;
    } else {
      word = (word ?? '') + character;
      at++;
    }
  }
  endWord();
  if (words.length > 0) yield words;
}

/** One character, or the expansion that begins there. */
function expandAt(script: string, at: number, variable: LookUp): { value: string; next: number } {
  if (script[at] === '`') return { value: UNKNOWN, next: closing(script, '`', at + 1) + 1 };
  if (script[at] !== '$') return { value: script[at]!, next: at + 1 };
  if (script[at + 1] === '(') return { value: UNKNOWN, next: afterParenthesis(script, at + 1) };
  NAME.lastIndex = at;
  const plain = NAME.exec(script);
  if (plain !== null) return { value: known(variable(plain[1]!)), next: NAME.lastIndex };
  BRACED.lastIndex = at;
  const braced = BRACED.exec(script);
  if (braced === null) {
    const end = script[at + 1] === '{' ? closing(script, '}', at) + 1 : at + 1;
    return { value: script[at + 1] === '{' ? UNKNOWN : '$', next: end };
  }
  const [, name = '', operator = '', word = ''] = braced;
  const value = variable(name);
  const isUnset = value === undefined || (value === '' && operator.startsWith(':'));
  if (/[-=]$/.test(operator) && isUnset) return { value: unquoted(word), next: BRACED.lastIndex };
  if (operator.endsWith('+')) return { value: isUnset ? '' : unquoted(word), next: BRACED.lastIndex };
  return { value: known(value), next: BRACED.lastIndex };
}

const NAME = /\$([A-Za-z_]\w*|\d)/y;
/** `${X}`, `${X:-word}`, `${X-word}`, `${X:=word}`, `${X:?word}`, `${X:+word}`, of words without an expansion. */
const BRACED = /\$\{([A-Za-z_]\w*|\d)(?:(:?[-+?=])([^{}$`]*))?\}/y;

function unquoted(word: string): string {
  return word.replaceAll(/["']/g, '');
}

/** A variable that nobody set may be set by the image: only the pod knows. */
function known(value: ReturnType<LookUp>): string {
  return typeof value === 'string' ? value : UNKNOWN;
}

function closing(script: string, character: string, from: number): number {
  const end = script.indexOf(character, from);
  return end < 0 ? script.length : end;
}

function afterParenthesis(script: string, open: number): number {
  let depth = 0;
  for (let at = open; at < script.length; at++) {
    if (script[at] === '(') depth++;
    if (script[at] === ')' && --depth === 0) return at + 1;
  }
  return script.length;
}
