import { ExitCode } from './exit-code.ts';
import { ToolError } from './tool-error.ts';

/**
 * The exit code of a command that threw `error`.
 * @param interrupted Ctrl-C or a signal came before: whatever failed of it, the person has ended it.
 */
export function exitCodeOf(error: unknown, interrupted: boolean): ExitCode {
  if (interrupted) return ExitCode.interrupted;
  return error instanceof ToolError ? error.exitCode : ExitCode.failed;
}
