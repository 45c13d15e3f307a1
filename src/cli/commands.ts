import type { CommandSpec } from './command-spec.ts';
import { alertsCommand } from './commands/alerts.ts';
import { backupCommand } from './commands/backup.ts';
import { completionCommand } from './commands/completion.ts';
import { copyCommand } from './commands/copy.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { drillCommand } from './commands/drill.ts';
import { exportCommand } from './commands/export.ts';
import { listCommand } from './commands/list.ts';
import { optionsCommand } from './commands/options.ts';
import { permissionsCommand } from './commands/permissions.ts';
import { pruneCommand } from './commands/prune.ts';
import { restoreCommand } from './commands/restore.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { runbookCommand } from './commands/runbook.ts';
import { scheduleInstallCommand } from './commands/schedule-install.ts';
import { scheduleLogsCommand } from './commands/schedule-logs.ts';
import { scheduleRenderCommand } from './commands/schedule-render.ts';
import { scheduleResumeCommand } from './commands/schedule-resume.ts';
import { scheduleRunCommand } from './commands/schedule-run.ts';
import { scheduleStatusCommand } from './commands/schedule-status.ts';
import { scheduleSuspendCommand } from './commands/schedule-suspend.ts';
import { scheduleUninstallCommand } from './commands/schedule-uninstall.ts';
import { showCommand } from './commands/show.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { statusCommand } from './commands/status.ts';
import { storeServerCommand } from './commands/store-server.ts';
import { undoCommand } from './commands/undo.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { warmCommand } from './commands/warm.ts';

/** Every command, in the order that help shows them; those of two words stand together. */
export const COMMANDS: readonly CommandSpec[] = [
  backupCommand,
  listCommand,
  showCommand,
  diffCommand,
  verifyCommand,
  restoreCommand,
  rollbackCommand,
  undoCommand,
  warmCommand,
  drillCommand,
  snapshotCommand,
  statusCommand,
  doctorCommand,
  scheduleInstallCommand,
  scheduleRenderCommand,
  scheduleStatusCommand,
  scheduleRunCommand,
  scheduleLogsCommand,
  scheduleSuspendCommand,
  scheduleResumeCommand,
  scheduleUninstallCommand,
  runbookCommand,
  alertsCommand,
  pruneCommand,
  copyCommand,
  exportCommand,
  permissionsCommand,
  completionCommand,
  optionsCommand,
  versionCommand,
  storeServerCommand,
];

/** What commands of two words have in common, by their first one. */
export const GROUPS: Readonly<Record<string, string>> = {
  schedule: 'Have the cluster back up by itself, and see how it does',
};
