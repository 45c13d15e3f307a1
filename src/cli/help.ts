import yargs from 'yargs';
import { KUBECTL_PLUGIN } from '../session/spell-invocation.ts';
import type { CommandSpec } from './command-spec.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { CONNECTION_FLAGS } from './connection-flags.ts';
import type { Flag } from './flag.ts';

/**
 * The text of `--help`, for one command or for the program, ending in a newline.
 */
export async function helpText(
  command: CommandSpec | undefined,
  commands: readonly CommandSpec[],
): Promise<string> {
  const page = yargs([]).scriptName('').help(false).version(false).exitProcess(false).wrap(null);
  if (command === undefined) {
    page.usage(`${ABOUT}\n\nUsage:\n  ${KUBECTL_PLUGIN} COMMAND [flags]`);
    for (const { name, summary } of commands) page.command(name, summary);
    page.epilogue(`Use "${KUBECTL_PLUGIN} COMMAND --help" for more about a command.`);
  } else {
    const { name, arguments: words, summary, details, flags, examples } = command;
    const about = details === undefined ? `${summary}.` : `${summary}.\n\n${details}`;
    page.usage(`${about}\n\nUsage:\n  ${[KUBECTL_PLUGIN, name, ...words, '[flags]'].join(' ')}`);
    for (const { purpose, words } of examples) page.example(`# ${purpose}\n${KUBECTL_PLUGIN} ${words}\n`, '');
    show(page, 'Flags:', flags);
    show(page, 'Connection flags:', CONNECTION_FLAGS);
  }
  show(page, 'Global flags:', GLOBAL_FLAGS);
  return `${await page.getHelp()}\n`;
}

const ABOUT =
  'Back up, restore and troubleshoot memcached on Kubernetes: the configuration,\n' +
  'the Helm release and what the pods really run with. Cached data is not saved.';

function show(page: ReturnType<typeof yargs>, group: string, flags: readonly Flag[]): void {
  for (const { name, short, describe, hidden } of flags) {
    if (hidden === true) continue;
    // Without a type: yargs would print it after each line.
    page.option(name, { group, describe, ...(short === undefined ? {} : { alias: short }) });
  }
}
