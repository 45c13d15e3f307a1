import type { ExitCode } from '../errors/exit-code.ts';
import type { CommandContext } from '../session/context.ts';
import type { Flag } from './flag.ts';
import type { FlagValues } from './flag-values.ts';

/** What a command was given, parsed but not interpreted. */
export interface CommandInput {
  /** The words after the command's name, as many as its `arguments` allow. */
  words: readonly string[];
  values: FlagValues;
  /** --namespace, or the environment's where Helm started us; undefined: the context decides. */
  namespace: string | undefined;
}

/** A command as the command line knows it. What it does is in src/commands, loaded when it runs. */
export interface CommandSpec {
  /** One word, or two: "schedule install" is of the group "schedule". */
  name: string;
  /** As in usage, brackets around what may be left out, dots where it may repeat: ["[RELEASE...]"]. */
  arguments: readonly string[];
  /** One line, for the list of commands. */
  summary: string;
  /** What a reader of --help should know beyond the summary. */
  details?: string;
  flags: readonly Flag[];
  /** It asks neither a cluster nor a store: its help names no flags for either. */
  needsNoCluster?: true;
  /** Whether it asks the cluster, whatever it finds in the store: the connection is then opened while its code is loaded. */
  asksCluster?: (values: FlagValues) => boolean;
  /** It prints its page of help and does nothing else: nobody runs it. */
  isPage?: true;
  /** It looks at many backups, again and again: nobody is asked for a passphrase. */
  neverAsks?: true;
  /** The tool calls it by itself: no help shows it. */
  hidden?: true;
  /** Each one's purpose and the words after "kubectl memcached-backup". */
  examples: readonly { purpose: string; words: string }[];
  /** What its exit codes mean where that is more than the page of options says of every command. */
  exitCodes?: Readonly<Partial<Record<ExitCode, string>>>;
  /** Where to read on: names of commands, and pages of the documentation, such as docs/restore.md#undo. */
  seeAlso?: readonly string[];
  run(input: CommandInput, context: CommandContext): Promise<ExitCode>;
}

/** The first of two words; undefined for a command of one. */
export function groupOf({ name }: Pick<CommandSpec, 'name'>): string | undefined {
  return name.includes(' ') ? name.slice(0, name.indexOf(' ')) : undefined;
}
