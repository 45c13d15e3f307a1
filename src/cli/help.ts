import yargs from 'yargs';
import { KUBECTL_PLUGIN } from '../session/spell-invocation.ts';
import type { CommandSpec } from './command-spec.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { CONNECTION_FLAGS } from './connection-flags.ts';
import type { Flag } from './flag.ts';

/**
 * The text of the program's own `--help`, ending in a newline.
 * @param commands what each does, by its name; of a group, one line.
 */
export async function programHelp(commands: ReadonlyMap<string, string>): Promise<string> {
  const page = emptyPage().usage(`${ABOUT}\n\nUsage:\n  ${KUBECTL_PLUGIN} COMMAND [flags]`);
  for (const [name, summary] of commands) page.command(name, summary);
  page.epilogue(`Use "${KUBECTL_PLUGIN} COMMAND --help" for more about a command.`);
  return finished(page);
}

/** The text of `--help` for commands of two words with the first one in common. */
export async function groupHelp(
  group: string,
  summary: string,
  commands: readonly CommandSpec[],
): Promise<string> {
  const plugin = `${KUBECTL_PLUGIN} ${group}`;
  const page = emptyPage().usage(`${summary}.\n\nUsage:\n  ${plugin} COMMAND [flags]`);
  for (const { name, summary } of commands) page.command(name.slice(group.length + 1), summary);
  page.epilogue(`Use "${plugin} COMMAND --help" for more about a command.`);
  return finished(page);
}

/** The text of `--help` for one command. */
export async function commandHelp(command: CommandSpec): Promise<string> {
  const { name, arguments: words, summary, details, flags, examples } = command;
  const about = details === undefined ? `${summary}.` : `${summary}.\n\n${details}`;
  const page = emptyPage().usage(
    `${about}\n\nUsage:\n  ${[KUBECTL_PLUGIN, name, ...words, '[flags]'].join(' ')}`,
  );
  for (const { purpose, words } of examples) page.example(`# ${purpose}\n${KUBECTL_PLUGIN} ${words}\n`, '');
  show(page, 'Flags:', flags);
  show(page, 'Connection flags:', CONNECTION_FLAGS);
  return finished(page);
}

type Page = ReturnType<typeof yargs>;

function emptyPage(): Page {
  return yargs([]).scriptName('').help(false).version(false).exitProcess(false).wrap(null);
}

async function finished(page: Page): Promise<string> {
  show(page, 'Global flags:', GLOBAL_FLAGS);
  return `${await page.getHelp()}\n`;
}

const ABOUT =
  'Back up, restore and troubleshoot memcached on Kubernetes: the configuration,\n' +
  'the Helm release and what the pods really run with. Cached data is not saved.';

function show(page: Page, group: string, flags: readonly Flag[]): void {
  for (const { name, short, describe, hidden } of flags) {
    if (hidden === true) continue;
    // Without a type: yargs would print it after each line.
    page.option(name, { group, describe, ...(short === undefined ? {} : { alias: short }) });
  }
}
