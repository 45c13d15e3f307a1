import { Parser } from 'yargs/helpers';
import { type Command, tool } from '../advice/command.ts';
import { suggest } from '../advice/suggest.ts';
import { UsageError } from '../errors/tool-error.ts';
import { isBackupId } from '../model/records/backup-id.ts';
import { type CommandSpec, groupOf } from './command-spec.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { CONNECTION_FLAGS } from './connection-flags.ts';
import type { Flag } from './flag.ts';
import { FlagValues } from './flag-values.ts';
import { meantFlag, normalizeArgv } from './normalize-argv.ts';

/** A command line as a value: which command, with what. */
export interface CommandLine {
  /** Undefined where only a flag was given: `--help`, `--version` or nothing; or the first word of two alone. */
  command: CommandSpec | undefined;
  /** That first word, whose commands are to be shown. */
  group: string | undefined;
  /** What follows the command. */
  words: string[];
  values: FlagValues;
}

/**
 * Reads `argv` (without the program's own name). Flags may stand before and after the command.
 * @throws UsageError saying what to type next.
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  hostFlags: readonly Flag[],
): CommandLine {
  const everywhere = [...GLOBAL_FLAGS, ...CONNECTION_FLAGS, ...hostFlags];
  const known = [...everywhere, ...commands.flatMap((command) => command.flags)];
  let command = named(argv, commands);
  try {
    const { words, given } = read(
      normalizeArgv(argv, known, [...everywhere, ...(command?.flags ?? [])]),
      known,
    );
    const wantsHelp = words[0] === 'help';
    const said = wantsHelp ? words.slice(1) : words;
    const found = find(said, commands);
    command = found.command;
    const rest = said.slice(found.length);
    // A flag may take other values on another command: alerts -o rules.
    const own = [...everywhere, ...(command?.flags ?? [])];
    const values = new FlagValues(wantsHelp ? given.set('help', ['true']) : given, own);
    if (command !== undefined && !values.isSet('help')) {
      assertFlagsBelong(command, given, everywhere);
      assertArguments(command, rest);
    }
    return { command, group: found.group, words: rest, values };
  } catch (error) {
    if (!(error instanceof UsageError) || error.next !== undefined) throw error;
    throw new UsageError(error.message, { next: helpOf(command?.name), cause: error });
  }
}

function read(argv: string[], flags: readonly Flag[]): { words: string[]; given: Map<string, string[]> } {
  const names = new Set(flags.map((flag) => flag.means ?? flag.name));
  const parsed = Parser(inQuotes(argv), {
    string: [...names],
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    },
  });
  const given = new Map<string, string[]>();
  for (const name of names) {
    const value = parsed[name] as string | string[] | undefined;
    if (value !== undefined) given.set(name, [value].flat());
  }
  const afterDashes = (parsed['--'] as string[] | undefined) ?? [];
  return { words: [...parsed._, ...afterDashes].map(String), given };
}

/** yargs takes a pair of quotes off the value in `--name="value"`; this one is for it to take. */
function inQuotes(argv: string[]): string[] {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  return [...flags.map((token) => token.replace(/^(--[^=]+=)(.*)$/s, '$1"$2"')), ...argv.slice(flags.length)];
}

/** The command that a line seems to mean, for advice on what is wrong with it. Those of two words count first. */
function named(argv: readonly string[], commands: readonly CommandSpec[]): CommandSpec | undefined {
  const byLength = commands.toSorted((a, b) => b.name.split(' ').length - a.name.split(' ').length);
  return byLength.find(({ name }) => name.split(' ').every((word) => argv.includes(word)));
}

/**
 * The command that words begin with, by the longest name.
 * @returns also how many of them are its name.
 */
function find(
  [first, second]: readonly string[],
  commands: readonly CommandSpec[],
): { command: CommandSpec | undefined; group: string | undefined; length: number } {
  const none = { command: undefined, group: undefined, length: 0 };
  if (first === undefined) return none;
  const byName = (name: string): CommandSpec | undefined => commands.find((each) => each.name === name);
  const pair = second === undefined ? undefined : byName(`${first} ${second}`);
  if (pair !== undefined) return { ...none, command: pair, length: 2 };
  const single = byName(first);
  if (single !== undefined) return { ...none, command: single, length: 1 };
  const ofGroup = commands.filter((each) => groupOf(each) === first);
  if (ofGroup.length > 0) {
    if (second === undefined) return { ...none, group: first, length: 1 };
    throw unknownCommand(`${first} ${second}`, second, {
      known: ofGroup.map(({ name }) => name.slice(first.length + 1)),
      prefix: `${first} `,
    });
  }
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const known = [...new Set(shown.map((each) => groupOf(each) ?? each.name))];
  throw unknownCommand(first, first, { known, prefix: '' });
}

function unknownCommand(
  said: string,
  word: string,
  { known, prefix }: { known: readonly string[]; prefix: string },
): UsageError {
  const meant = suggest(word, known);
  return new UsageError(
    `unknown command "${said}"${meant === undefined ? '' : ` (did you mean ${prefix}${meant}?)`}`,
    meant === undefined && prefix === '' ? {} : { next: helpOf(`${prefix}${meant ?? ''}`) },
  );
}

/** @param words of the command; undefined: the program's own. */
function helpOf(words = ''): Command {
  return tool(...words.split(' ').filter(Boolean), '--help');
}

/** A flag of another command is a mistake too: a restore must not pass over a `--dry-run` it doesn't know. */
function assertFlagsBelong(
  command: CommandSpec,
  given: ReadonlyMap<string, string[]>,
  everywhere: readonly Flag[],
): void {
  const flags = [...everywhere, ...command.flags];
  const own = new Set(flags.map((flag) => flag.means ?? flag.name));
  const foreign = [...given.keys()].find((name) => !own.has(name));
  if (foreign !== undefined)
    throw new UsageError(`${command.name} has no flag --${foreign}${meantFlag(foreign, flags)}`);
}

function assertArguments(command: CommandSpec, words: readonly string[]): void {
  const wanted = command.arguments.filter((argument) => !argument.startsWith('['));
  const missing = wanted[words.length];
  if (missing !== undefined) throw new UsageError(`${command.name} needs ${missing}`);
  const apart = idApart(command, words);
  const meant = apart === undefined ? '' : ` (did you mean ${apart.name}@${apart.id}?)`;
  const repeats = command.arguments.at(-1)?.includes('...') === true;
  const extra = repeats ? apart?.id : words[command.arguments.length];
  if (extra === undefined) return;
  const takes =
    command.arguments.length === 0 ? 'no argument' : `only ${command.arguments.join(' ')}, and not`;
  throw new UsageError(`${command.name} takes ${takes} "${apart?.id ?? extra}"${meant}`);
}

/** A name and the backup meant of it as two words, `cart 20261122T101500Z`, where one is taken: `cart@20261122T101500Z`. */
function idApart(command: CommandSpec, words: readonly string[]): { name: string; id: string } | undefined {
  const first = command.arguments.findIndex((argument) => argument.includes('[@ID]'));
  if (first < 0) return undefined;
  const last = command.arguments[first]?.includes('...') === true ? words.length : first + 1;
  for (let index = first; index < last; index++) {
    const [name = '', id = ''] = words.slice(index);
    if (name !== '' && !name.includes('@') && isId(id)) return { name, id: id.replace(/^@/, '') };
  }
  return undefined;
}

/** What no release is called: names are lower case, and "latest" alone is hardly one. */
function isId(word: string): boolean {
  return isBackupId(word.replace(/^@/, '')) || /^@?(?:latest|previous|healthy)$/.test(word);
}
