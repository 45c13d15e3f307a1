import type { CommandTable, TableCommand, TableFlag } from './command-table.ts';

/** Where on a command line the cursor stands. */
export interface Cursor {
  /** The command of the words before it; undefined: it is still to be named. */
  command: TableCommand | undefined;
  /** The first of two words, where only that is there. */
  group: string | undefined;
  /** Words before it that are neither the command's name nor flags. */
  words: readonly string[];
  /** Flags before it: their values by name, "true" for one that stands alone. */
  given: ReadonlyMap<string, readonly string[]>;
  /** What is being typed; `text` is what there is of it. */
  typing: { what: 'word' | 'flag'; text: string } | { what: 'value'; flag: TableFlag; text: string };
}

/**
 * Reads a line up to its cursor, as `parseCommandLine` reads a whole one: flags stand before and after the command, and have their
 * value in the same word or the next one. Nothing is wrong here: an unknown flag counts as a switch.
 * @param line the words before the cursor, and last the one it is in, up to the cursor.
 */
export function cursorIn(line: readonly string[], table: CommandTable, byHelm: boolean): Cursor {
  const everywhere = [...table.everywhere, ...(byHelm ? table.helm : [])];
  const all = [...everywhere, ...table.commands.flatMap(({ flags }) => flags)];
  const text = line.at(-1) ?? '';
  const given = new Map<string, string[]>();
  const said: string[] = [];
  const give = ({ name, means = name }: TableFlag, value: string): void => {
    given.set(means, [...(given.get(means) ?? []), value]);
  };
  const rest = line.slice(0, -1);
  let wanting: TableFlag | undefined;
  let isOver = false;
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (isOver || !token.startsWith('-') || token === '-') {
      said.push(token);
      continue;
    }
    isOver = token === '--';
    if (isOver) continue;
    const { flags, wants } = flagsIn(token, all);
    for (const [flag, value] of flags) give(flag, value);
    if (wants === undefined) continue;
    const next = rest.shift();
    if (next === undefined) wanting = wants;
    else give(wants, next);
  }
  const { command, group, words } = named(said, table);
  const own = [...(command?.flags ?? []), ...everywhere];
  const ofCommand = (flag: TableFlag): TableFlag => own.find(({ name }) => name === flag.name) ?? flag;
  const typing = ((): Cursor['typing'] => {
    if (wanting !== undefined) return { what: 'value', flag: ofCommand(wanting), text };
    if (isOver || !text.startsWith('-')) return { what: 'word', text };
    const [, name, value = ''] = /^--([^=]+)=(.*)$/s.exec(text) ?? [];
    const flag = all.find((each) => each.name === name);
    return flag === undefined
      ? { what: 'flag', text }
      : { what: 'value', flag: ofCommand(flag), text: value };
  })();
  return { command, group, words, given, typing };
}

/** A flag with its value; of one that stands alone, "true". */
type GivenFlag = readonly [flag: TableFlag, value: string];

/** The flags that one word gives, and the one that wants the next word for its value. */
function flagsIn(token: string, all: readonly TableFlag[]): { flags: GivenFlag[]; wants?: TableFlag } {
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(token) ?? [];
  if (name === undefined) return lettersIn(token.slice(1), all);
  const flag = all.find((each) => each.name === name);
  if (flag === undefined) return { flags: [] };
  if (value === undefined && !standsAlone(flag)) return { flags: [], wants: flag };
  return { flags: [[flag, value ?? 'true']] };
}

/** `-n value`, `-nvalue`, `-n=value`, or letters that need no value one after the other: `-Aojson`. */
function lettersIn(letters: string, all: readonly TableFlag[]): { flags: GivenFlag[]; wants?: TableFlag } {
  const flags: GivenFlag[] = [];
  for (let rest = letters; rest !== ''; rest = rest.slice(1)) {
    const flag = all.find(({ short }) => short === rest[0]);
    if (flag === undefined) return { flags };
    const attached = rest.slice(1).replace(/^=/, '');
    if (standsAlone(flag)) flags.push([flag, 'true']);
    else if (attached === '') return { flags, wants: flag };
    else return { flags: [...flags, [flag, attached]] };
  }
  return { flags };
}

function standsAlone({ type, bare }: TableFlag): boolean {
  return type === 'boolean' || bare !== undefined;
}

/** The command that words begin with, by the longest name; after "help" too. */
function named(
  said: readonly string[],
  { commands, groups }: CommandTable,
): Pick<Cursor, 'command' | 'group' | 'words'> {
  const words = said[0] === 'help' ? said.slice(1) : said;
  const [first = '', second = ''] = words;
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((each) => each.name === name);
    if (command !== undefined) return { command, group: undefined, words: words.slice(length) };
  }
  const isGroup = Object.hasOwn(groups, first) && second === '';
  return { command: undefined, group: isGroup ? first : undefined, words };
}
