import type { ExitCode } from '../errors/exit-code.ts';
import type { Course } from '../restore/course.ts';
import { carryOutUndo, prepareUndo, type UndoOptions } from '../restore/undo/undo.ts';
import type { CommandContext } from '../session/context.ts';
import { reportRestore, writesShown } from './report-restore.ts';
import { tellingWhereItStops } from './report-stopped.ts';

/** `undo RELEASE`: takes the last restore back, and says what became of it. @returns as reportRestore. */
export async function undo(options: UndoOptions, context: CommandContext): Promise<ExitCode> {
  const startedAt = context.now();
  const prepared = await prepareUndo(options, context);
  const { scope, planned } = prepared;
  const { plan } = planned;
  const course: Course = {
    operation: 'undo',
    startedAt,
    scope,
    plan,
    writes: writesShown(options.output, context),
  };
  const result = await tellingWhereItStops(course, options.output, context, () =>
    carryOutUndo(prepared, course, options, context),
  );
  const { objects, history } = planned.source;
  const wasAbsent = objects.length + history.length === 0;
  return reportRestore(
    { ...result, operation: 'undo', plan, scope, safety: undefined, startedAt, wasAbsent },
    options.output,
    context,
  );
}
