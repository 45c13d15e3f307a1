import { COMMANDS } from './commands.ts';
import { helpText } from './help.ts';

/**
 * Every help page as `kubectl memcached-backup` shows it, by command; "" is the program's own. The build puts
 * the finished texts in this module's place, because laying them out takes longer than the rest of `--help`.
 */
export async function helpPages(): Promise<ReadonlyMap<string, string>> {
  const pages = [undefined, ...COMMANDS].map(
    async (command): Promise<[string, string]> => [command?.name ?? '', await helpText(command, COMMANDS)],
  );
  return new Map(await Promise.all(pages));
}
