import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { exportBackup, type WantedExport } from '../copies/export-backup.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { sizeInWords } from '../output/byte-size.ts';
import { fileModeNote } from '../output/file-mode.ts';
import type { CommandContext } from '../session/context.ts';

/** `export RELEASE[@ID] FILE.tar.gz`: one backup in one file, which --store takes. */
export async function exportToFile(options: WantedExport, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const { address, file, bytes, holdsSecrets } = await exportBackup(options, context);
  if (holdsSecrets) io.warn(`the file holds Secrets in plain text${fileModeNote('it is')}: keep it private`);
  io.say(`Written ${address.release}@${address.id} to ${file} (${sizeInWords(bytes)}).`);
  io.say(`Read it with --store: ${spellCommand(tool('show', '--store', file), context.spelling)}`);
  return ExitCode.ok;
}
