import type { CommandSpec } from './command-spec.ts';
import { backupCommand } from './commands/backup.ts';
import { listCommand } from './commands/list.ts';
import { restoreCommand } from './commands/restore.ts';
import { versionCommand } from './commands/version.ts';

/** Every command, in the order that help shows them. */
export const COMMANDS: readonly CommandSpec[] = [backupCommand, listCommand, restoreCommand, versionCommand];
