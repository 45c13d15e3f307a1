import { USUAL_COLUMNS } from '../output/wrap.ts';
import { layOut } from './help-layout.ts';
import { startedByHelm, toInvocation } from './invocation.ts';

/**
 * The help page of a command or a group of them, or the program's own.
 * @param columns of the terminal; a pipe gets those of a usual one.
 */
export async function helpFor(
  command: string | undefined,
  env: NodeJS.ProcessEnv,
  columns = USUAL_COLUMNS,
): Promise<string> {
  const { helpPageOf, usualHelpOf } = await import('./help-page-of.ts');
  const name = command ?? '';
  const byHelm = startedByHelm(env);
  if (columns === USUAL_COLUMNS && !byHelm) return usualHelpOf(name) ?? '';
  const page = helpPageOf(name);
  if (page === undefined) return '';
  // Before it is laid out: "helm" is shorter.
  const inOwnWords = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? toInvocation(value, env) : value;
  return layOut(byHelm ? JSON.parse(JSON.stringify(page), inOwnWords) : page, columns);
}

/**
 * The help that `argv` asks for where it says nothing else: "", `--help`, `backup -h`, `help backup`, `schedule install --help`, `options`. It
 * spares such a run the parser. Undefined for anything longer and for words that are no command.
 */
export async function quickHelp(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  columns?: number,
): Promise<string | undefined> {
  if (argv.length > 3) return undefined;
  const words = argv.filter((word) => !HELP_WORDS.includes(word));
  if (argv.length > 0 && argv.join() !== 'options' && words.length !== argv.length - 1) return undefined;
  return (await helpFor(words.join(' '), env, columns)) || undefined;
}

const HELP_WORDS = ['--help', '-h', 'help'];
