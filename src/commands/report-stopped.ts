import { spellAdvice, spellCommand } from '../advice/spell.ts';
import { exitCodeOf } from '../errors/exit-code-of.ts';
import { BrokenOffError, ToolError } from '../errors/tool-error.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { printData } from '../output/print.ts';
import { type Course, courseInWords, leftAllAsBefore, standingsOf } from '../restore/course.ts';
import { undoCommand } from '../restore/restore-command.ts';
import type { CommandContext } from '../session/context.ts';

/**
 * Does `work`, which follows `course`. Where it fails or is broken off, the data that -o asks for says where each
 * object stands; the words for a person come with the error.
 * @throws what `work` throws.
 */
export async function tellingWhereItStops<T>(
  course: Course,
  output: OutputFormat,
  context: CommandContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await context.lastWords.during(() => courseInWords(course, context.spelling), work);
  } catch (error) {
    const names = standingsOf(course)
      .filter(({ state }) => state !== 'as-before' && state !== 'not-known')
      .map(({ ref }) => displayName(ref));
    const data = stoppedData(course, error, context);
    await printData(context.io, output, { kind: 'RestoreReport', data, names });
    throw error;
  }
}

/** docs/schemas/RestoreReport.schema.json, Stopped. */
function stoppedData(course: Course, error: unknown, context: CommandContext): object {
  const { operation, startedAt, scope, plan, safety, writes, back } = course;
  const { deletedPods, restarted } = writes;
  const outcome = outcomeOf(course, error, context);
  const isBack = back?.undone !== undefined && back.undone.missing.length === 0;
  const undo =
    leftAllAsBefore(course) || isBack ? undefined : spellCommand(undoCommand(scope), context.spelling);
  const next = error instanceof ToolError ? error.next : undefined;
  return {
    operation,
    outcome,
    exitCode: exitCodeOf(error, context.signal.aborted),
    error: {
      message: error instanceof Error ? error.message : String(error),
      ...(next === undefined ? {} : { next: spellAdvice(next, context.spelling) }),
    },
    durationMs: context.now().getTime() - startedAt.getTime(),
    plan,
    standing: standingsOf(course),
    ...(deletedPods.length === 0 ? {} : { deletedPods }),
    ...(restarted.length === 0 ? {} : { restarted }),
    ...(plan.skipped === undefined ? {} : { skipped: plan.skipped }),
    ...(safety === undefined ? {} : { safetyBackup: { id: safety.document.id, location: safety.location } }),
    ...(undo === undefined ? {} : { undo }),
  };
}

function outcomeOf(course: Course, error: unknown, { signal }: CommandContext): string {
  if (course.back?.undone !== undefined) return 'undone';
  if (leftAllAsBefore(course)) return 'not-begun';
  return signal.aborted || error instanceof BrokenOffError ? 'broken-off' : 'failed';
}
