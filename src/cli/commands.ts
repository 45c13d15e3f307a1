import type { CommandSpec } from './command-spec.ts';
import { backupCommand } from './commands/backup.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listCommand } from './commands/list.ts';
import { permissionsCommand } from './commands/permissions.ts';
import { restoreCommand } from './commands/restore.ts';
import { showCommand } from './commands/show.ts';
import { statusCommand } from './commands/status.ts';
import { undoCommand } from './commands/undo.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';

/** Every command, in the order that help shows them. */
export const COMMANDS: readonly CommandSpec[] = [
  backupCommand,
  listCommand,
  showCommand,
  diffCommand,
  verifyCommand,
  restoreCommand,
  undoCommand,
  statusCommand,
  doctorCommand,
  permissionsCommand,
  versionCommand,
];
