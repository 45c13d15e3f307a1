import { CODES, entryOf } from '../../doctor/catalogue.ts';
import { PERMISSION_COMMANDS } from '../../model/permissions/command-permissions.ts';
import type { CommandSpec } from '../command-spec.ts';
import { COMMANDS, GROUPS } from '../commands.ts';
import { GLOBAL_FLAGS } from '../common-flags.ts';
import { CONNECTION_FLAGS } from '../connection-flags.ts';
import type { Flag } from '../flag.ts';
import { HELM_FLAGS } from '../helm-environment.ts';

/** A flag as completion knows it. */
export type TableFlag = Pick<
  Flag,
  'name' | 'short' | 'type' | 'value' | 'describe' | 'choices' | 'commas' | 'bare' | 'means' | 'hidden'
>;

/** A command as completion knows it. */
export type TableCommand = Pick<CommandSpec, 'name' | 'arguments' | 'summary'> & {
  flags: readonly TableFlag[];
};

/** What can be completed without asking anybody: plain data, which the build puts into the executable. */
export interface CommandTable {
  /** Those that help shows, in its order. */
  commands: readonly TableCommand[];
  /** What commands of two words have in common, by their first one. */
  groups: Readonly<Record<string, string>>;
  /** Flags that every command takes. */
  everywhere: readonly TableFlag[];
  /** Those that Helm passes on. */
  helm: readonly TableFlag[];
  /** Of doctor's findings: code and title. */
  codes: readonly (readonly [code: string, title: string])[];
  /** Commands that `permissions` knows. */
  permissionCommands: readonly string[];
}

/**
 * The table of what there is. In the executable another module is in this one's place (scripts/build/finished-table.ts): loading
 * every command takes longer than all of an answer.
 */
export function commandTable(): CommandTable {
  return {
    commands: COMMANDS.filter(({ hidden }) => hidden !== true).map((command) => ({
      name: command.name,
      arguments: command.arguments,
      summary: command.summary,
      flags: command.flags.map(tableFlag),
    })),
    groups: GROUPS,
    everywhere: [...CONNECTION_FLAGS, ...GLOBAL_FLAGS].map(tableFlag),
    helm: HELM_FLAGS.map(tableFlag),
    codes: CODES.map((code) => [code, entryOf(code).title] as const),
    permissionCommands: PERMISSION_COMMANDS,
  };
}

function tableFlag({ takes, neverEmpty, explainedIn, ...flag }: Flag): TableFlag {
  return flag;
}
