import { groupOf } from './command-spec.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { commandHelp, groupHelp, optionsHelp, programHelp } from './help.ts';
import type { HelpPage } from './help-page.ts';

/** Every help page as `kubectl memcached-backup` shows it, by command or group of commands; "" is the program's own. */
export function helpPages(): ReadonlyMap<string, HelpPage> {
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
  const groups = [...new Set(shown.flatMap((command) => groupOf(command) ?? []))];
  const lines = new Map(
    shown.map((command): [string, string] => {
      const group = groupOf(command);
      return group === undefined ? [command.name, command.summary] : [group, GROUPS[group] ?? ''];
    }),
  );
  return new Map([
    ['', programHelp(lines)],
    ...groups.map((group): [string, HelpPage] => {
      const ofGroup = shown.filter((command) => groupOf(command) === group);
      return [group, groupHelp(group, GROUPS[group] ?? '', ofGroup)];
    }),
    ...shown.map((command): [string, HelpPage] => [command.name, commandHelp(command)]),
    ['options', optionsHelp()],
  ]);
}
