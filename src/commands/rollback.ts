import type { ExitCode } from '../errors/exit-code.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { planRollback, type RollbackOptions } from '../restore/rollback/plan-rollback.ts';
import type { CommandContext } from '../session/context.ts';
import { restorePlanned } from './restore.ts';

/**
 * `rollback RELEASE`: the settings that change, the plan, and unless it is a dry run what became of it.
 * @returns as `restore`.
 */
export function rollback(
  options: RollbackOptions & { output: OutputFormat },
  context: CommandContext,
): Promise<ExitCode> {
  const what = `Planning the rollback of ${options.release}`;
  return restorePlanned({ what, plan: () => planRollback(options, context) }, options, context);
}
