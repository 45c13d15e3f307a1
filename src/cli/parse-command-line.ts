import yargs from 'yargs';
import { UsageError } from '../errors/tool-error.ts';
import type { CommandSpec } from './command-spec.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { CONNECTION_FLAGS } from './connection-flags.ts';
import type { Flag } from './flag.ts';
import { FlagValues } from './flag-values.ts';
import { normalizeArgv } from './normalize-argv.ts';
import { suggest } from './suggest.ts';

/** A command line as a value: which command, with what. */
export interface CommandLine {
  /** Undefined where only a flag was given: `--help`, `--version` or nothing. */
  command: CommandSpec | undefined;
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
  let command = commands.find(({ name }) => argv.includes(name));
  try {
    const { words, given } = read(normalizeArgv(argv, known), known);
    const wantsHelp = words[0] === 'help';
    const [name, ...rest] = wantsHelp ? words.slice(1) : words;
    command = name === undefined ? undefined : find(name, commands);
    const values = new FlagValues(wantsHelp ? given.set('help', ['true']) : given, known);
    if (command !== undefined && !values.isSet('help')) {
      assertFlagsBelong(command, given, everywhere);
      assertArguments(command, rest);
    }
    return { command, words: rest, values };
  } catch (error) {
    if (!(error instanceof UsageError) || error.next !== undefined) throw error;
    const next = `kubectl memcached-backup ${command === undefined ? '' : `${command.name} `}--help`;
    throw new UsageError(error.message, { next, cause: error });
  }
}

function read(argv: string[], flags: readonly Flag[]): { words: string[]; given: Map<string, string[]> } {
  const names = new Set(flags.map((flag) => flag.means ?? flag.name));
  const parsed = yargs([])
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .string([...names])
    .parseSync(inQuotes(argv));
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

function find(name: string, commands: readonly CommandSpec[]): CommandSpec {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const meant = suggest(
    name,
    commands.map((command) => command.name),
  );
  const next = meant === undefined ? undefined : `kubectl memcached-backup ${meant} --help`;
  throw new UsageError(
    `unknown command "${name}"${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
    next === undefined ? {} : { next },
  );
}

/** A flag of another command is a mistake too: a restore must not pass over a `--dry-run` it doesn't know. */
function assertFlagsBelong(
  command: CommandSpec,
  given: ReadonlyMap<string, string[]>,
  everywhere: readonly Flag[],
): void {
  const own = new Set([...everywhere, ...command.flags].map((flag) => flag.means ?? flag.name));
  const foreign = [...given.keys()].find((name) => !own.has(name));
  if (foreign !== undefined) throw new UsageError(`${command.name} has no flag --${foreign}`);
}

function assertArguments(command: CommandSpec, words: readonly string[]): void {
  const wanted = command.arguments.filter((argument) => !argument.startsWith('['));
  const missing = wanted[words.length];
  if (missing !== undefined) throw new UsageError(`${command.name} needs ${missing}`);
  const extra = words[command.arguments.length];
  if (extra === undefined || command.arguments.at(-1)?.includes('...')) return;
  const takes = command.arguments.length === 0 ? 'no argument' : `only ${command.arguments.join(' ')}`;
  throw new UsageError(`${command.name} takes ${takes}; "${extra}" is too much`);
}
