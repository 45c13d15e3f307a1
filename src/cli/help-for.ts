import { toInvocation } from './invocation.ts';

/** The help page of a command or a group of them, or the program's own. */
export async function helpFor(command: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const { helpPages } = await import('./help-pages.ts');
  return toInvocation((await helpPages()).get(command ?? '') ?? '', env);
}

/**
 * The help that `argv` asks for where it says nothing else: "", `--help`, `backup -h`, `help backup`, `schedule install --help`. It
 * spares such a run the parser. Undefined for anything longer and for words that are no command.
 */
export async function quickHelp(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (argv.length > 3) return undefined;
  const words = argv.filter((word) => !HELP_WORDS.includes(word));
  if (argv.length > 0 && words.length !== argv.length - 1) return undefined;
  return (await helpFor(words.join(' '), env)) || undefined;
}

const HELP_WORDS = ['--help', '-h', 'help'];
