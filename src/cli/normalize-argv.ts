import { suggest } from '../advice/suggest.ts';
import { UsageError } from '../errors/tool-error.ts';
import { bareValue, type Flag } from './flag.ts';

/**
 * Rewrites arguments so that yargs reads them as kubectl does (github.com/spf13/pflag): every flag becomes
 * `--name=value`, everything else stays. Left alone, yargs takes `-ojson` for five flags, `--yes true` for a
 * value, and `--store --yes` for a store without a name.
 * @param own those of the command that is meant: others are not suggested.
 * @throws UsageError for a flag that is not in `flags` or lacks its value.
 */
export function normalizeArgv(
  argv: readonly string[],
  flags: readonly Flag[],
  own: readonly Flag[] = flags,
): string[] {
  const result: string[] = [];
  const rest = [...argv];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') return [...result, '--', ...rest];
    if (token.startsWith('--')) result.push(longFlag(token, rest, { flags, own }));
    else if (token.startsWith('-') && token !== '-') result.push(...shortFlags(token, rest, flags));
    else result.push(token);
  }
  return result;
}

/** `--name`, `--name=value` or `--name value`; a value that is the next argument is taken off `rest`. */
function longFlag(
  token: string,
  rest: string[],
  { flags, own }: { flags: readonly Flag[]; own: readonly Flag[] },
): string {
  const equals = token.indexOf('=');
  const name = equals < 0 ? token.slice(2) : token.slice(2, equals);
  const flag = flags.find((known) => known.name === name);
  if (flag === undefined) throw new UsageError(`unknown flag: --${name}${meantFlag(name, own)}`);
  const value = equals < 0 ? (bareValue(flag) ?? rest.shift()) : token.slice(equals + 1);
  return withValue(flag, value, `--${name}`);
}

/** `-n value`, `-nvalue`, `-n=value`, or letters that need no value one after the other: `-Aojson`. */
function shortFlags(token: string, rest: string[], flags: readonly Flag[]): string[] {
  const found: string[] = [];
  for (let letters = token.slice(1); letters !== ''; letters = letters.slice(1)) {
    const letter = letters.slice(0, 1);
    const flag = flags.find((known) => known.short === letter);
    if (flag === undefined) throw new UsageError(`unknown shorthand flag: "${letter}" in ${token}`);
    const attached = letters.slice(1);
    if (attached.startsWith('=')) return [...found, withValue(flag, attached.slice(1), `-${letter}`)];
    const bare = bareValue(flag);
    if (bare === undefined) return [...found, withValue(flag, attached || rest.shift(), `-${letter}`)];
    found.push(withValue(flag, bare, `-${letter}`));
  }
  return found;
}

function withValue(flag: Flag, value: string | undefined, written: string): string {
  if (value === undefined) throw new UsageError(`flag needs an argument: ${written}`);
  return `--${flag.means ?? flag.name}=${value}`;
}

/** " (did you mean --output?)", or nothing. */
export function meantFlag(name: string, flags: readonly Flag[]): string {
  const visible = flags.filter((flag) => flag.hidden !== true).map((flag) => flag.name);
  const meant = suggest(name, visible);
  return meant === undefined ? '' : ` (did you mean --${meant}?)`;
}
