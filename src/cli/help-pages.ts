import { groupOf } from './command-spec.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { commandHelp, groupHelp, programHelp } from './help.ts';

/**
 * Every help page as `kubectl memcached-backup` shows it, by command or group of commands; "" is the program's own. The
 * build puts the finished texts in this module's place, because laying them out takes longer than the rest of `--help`.
 */
export async function helpPages(): Promise<ReadonlyMap<string, string>> {
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
  const groups = [...new Set(shown.flatMap((command) => groupOf(command) ?? []))];
  const lines = new Map(
    shown.map((command): [string, string] => {
      const group = groupOf(command);
      return group === undefined ? [command.name, command.summary] : [group, GROUPS[group] ?? ''];
    }),
  );
  const pages: [string, Promise<string>][] = [
    ['', programHelp(lines)],
    ...groups.map((group): [string, Promise<string>] => {
      const ofGroup = shown.filter((command) => groupOf(command) === group);
      return [group, groupHelp(group, GROUPS[group] ?? '', ofGroup)];
    }),
    ...shown.map((command): [string, Promise<string>] => [command.name, commandHelp(command)]),
  ];
  return new Map(await Promise.all(pages.map(async ([name, text]) => [name, await text] as const)));
}
