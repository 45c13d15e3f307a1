import type { CommandSpec } from './command-spec.ts';
import { COMMON_EXIT_CODES } from './common-exit-codes.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { CONNECTION_FLAGS, NAMESPACE } from './connection-flags.ts';
import { ENVIRONMENT, FILES } from './environment-help.ts';
import type { Flag } from './flag.ts';
import type { HelpPage, HelpSection } from './help-page.ts';
import { SHARED_FLAGS } from './shared-flags.ts';
import { KUBECTL_PLUGIN } from './spell-invocation.ts';

/** What {@link optionsHelp} is asked for with. */
const OPTIONS = `${KUBECTL_PLUGIN} options`;

/**
 * The program's own `--help`.
 * @param commands what each does, by its name; of a group, one line.
 */
export function programHelp(commands: ReadonlyMap<string, string>): HelpPage {
  return {
    about: [ABOUT],
    usage: `${KUBECTL_PLUGIN} COMMAND [flags]`,
    sections: [{ title: 'Commands:', rows: [...commands] }],
    examples: [],
    end: `Use "${KUBECTL_PLUGIN} COMMAND --help" for more about a command, and "${OPTIONS}" for the flags that every command takes.`,
  };
}

/** `--help` for commands of two words with the first one in common. */
export function groupHelp(group: string, summary: string, commands: readonly CommandSpec[]): HelpPage {
  const plugin = `${KUBECTL_PLUGIN} ${group}`;
  const rows = commands.map(({ name, summary }) => [name.slice(group.length + 1), summary] as const);
  return {
    about: [`${summary}.`],
    usage: `${plugin} COMMAND [flags]`,
    sections: [{ title: 'Commands:', rows }],
    examples: [],
    end: `Use "${plugin} COMMAND --help" for more about a command.`,
  };
}

/**
 * `--help` for one command. Flags that many commands share are named here and explained by {@link optionsHelp}: each page is to be
 * read on a screen or two.
 */
export function commandHelp(command: CommandSpec): HelpPage {
  const { name, arguments: words, summary, details, flags, examples, exitCodes, seeAlso } = command;
  const shown = flags.filter(({ hidden }) => hidden !== true);
  const own = shown.filter(({ explainedIn }) => explainedIn === undefined);
  const shared = shown.filter(({ explainedIn }) => explainedIn !== undefined);
  const rows = [...own, ...(command.needsNoCluster === true ? [] : [NAMESPACE])].map(rowOf);
  const also = shared.map((flag) => `--${flag.name}`).join(', ');
  return {
    about: [`${summary}.`, ...(details === undefined ? [] : details.split('\n\n'))],
    usage: [KUBECTL_PLUGIN, name, ...words, '[flags]'].join(' '),
    sections: rows.length === 0 ? [] : [{ title: 'Flags:', rows }],
    more:
      also === ''
        ? `"${OPTIONS}" explains the flags that every command takes.`
        : `Also takes ${also}, and what every command takes: see "${OPTIONS}".`,
    examples: examples.map(({ purpose, words }) => ({ purpose, command: `${KUBECTL_PLUGIN} ${words}` })),
    ...(exitCodes === undefined ? {} : { exitCodes: codeRows(exitCodes) }),
    ...(seeAlso === undefined ? {} : { seeAlso }),
  };
}

function codeRows(codes: NonNullable<CommandSpec['exitCodes']>): [number, string][] {
  return Object.entries(codes).map(([code, meaning]) => [Number(code), meaning]);
}

/** `options`: the flags that many commands have. */
export function optionsHelp(): HelpPage {
  return {
    about: ['The flags that every command takes, and those that many have in common.'],
    sections: [
      { title: SECTIONS.cluster, rows: visible(CONNECTION_FLAGS).map(rowOf) },
      { title: SECTIONS.any, rows: visible(GLOBAL_FLAGS).map(rowOf) },
      ...sharedSections(SHARED_FLAGS),
      { title: 'Environment variables:', rows: ENVIRONMENT },
      { title: 'Files:', rows: FILES },
      {
        title: 'Exit codes, where a command says no more of them:',
        rows: codeRows(COMMON_EXIT_CODES).map(([code, meaning]) => [String(code), meaning]),
      },
    ],
    examples: [],
    end: `"${KUBECTL_PLUGIN} COMMAND --help" says which of the groups for stores, keys and --paced a command takes.`,
  };
}

/** Those of `flags` that many commands share, by the part of the `options` page that explains them. */
export function sharedSections(flags: readonly Flag[]): HelpSection[] {
  return (['stores', 'keys', 'pace'] as const)
    .map((where) => ({
      title: SECTIONS[where],
      rows: flags.filter(({ explainedIn, hidden }) => explainedIn === where && hidden !== true).map(rowOf),
    }))
    .filter(({ rows }) => rows.length > 0);
}

const SECTIONS = {
  cluster: 'Which cluster, and as whom, in the words of kubectl:',
  any: 'Of every command:',
  stores: 'How a store is reached:',
  keys: 'Keys that seal, open and sign backups:',
  pace: 'How gently --paced replaces pods:',
};

const ABOUT =
  'Back up, restore and troubleshoot memcached on Kubernetes: the configuration, the Helm release and what the pods really run with. Cached data is saved by snapshot alone.';

function visible(flags: readonly Flag[]): Flag[] {
  return flags.filter(({ hidden }) => hidden !== true);
}

export function rowOf(flag: Flag): readonly [string, string] {
  const { name, short, describe } = flag;
  return [`${short === undefined ? '    ' : `-${short}, `}--${name}${valueName(flag)}`, describe];
}

/** As in usage: brackets around what may be left out. */
function valueName({ type, value = 'VALUE', bare }: Flag): string {
  if (type === 'boolean') return '';
  return bare === undefined ? ` ${value}` : `[=${value}]`;
}
