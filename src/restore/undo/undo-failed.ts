import { advice } from '../../advice/advice.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { Course } from '../course.ts';
import { unreadableJournal } from '../journal/believe-journal.ts';
import type { RolloutOutcome } from '../pods/wait.ts';
import { type AdviceScope, undoCommand } from '../restore-command.ts';
import { adviceScopeOf, type RestoreSession } from '../restore-session.ts';
import { noWrites } from '../writes.ts';
import { planTheUndo, type Undone, undoJournal } from './undo-journal.ts';

/** The error of a restore that was undone by itself. */
export class UndoneError extends ToolError {}

/**
 * Undoes a restore that failed. @returns the error to throw: the failure, and what became of the undo.
 * @param course gets the undo's own writes, and what came of it.
 */
export async function undoFailed(
  session: RestoreSession,
  { id, signal, course }: { id: string; signal: AbortSignal; course: Course },
  failure: ToolError,
): Promise<ToolError> {
  const { kube, undoStore, address, options, context } = session;
  const { io } = context;
  const { release } = address;
  const scope = adviceScopeOf(session);
  try {
    const listed = (await undoStore.journals(address)).find((each) => each.id === id);
    if (listed === undefined) return failure;
    const { journal } = listed;
    if (journal === undefined) throw unreadableJournal(listed);
    io.say(`Undoing, because it failed: ${failure.message}`);
    const planned = await planTheUndo(kube, undoStore, { address, journal }, context);
    const { onDone } = course.writes;
    const writes = noWrites(onDone && ((line) => onDone(`undo: ${line}`)));
    course.back = { writes };
    const undone = await undoJournal(
      kube,
      undoStore,
      { scope, journal, planned, timeoutMs: options.timeoutMs, signal, writes, evenUnjournaled: true },
      context,
    );
    course.back.undone = undone;
    return undoneError(failure, undone, scope);
  } catch (second) {
    return new UndoneError(
      `the restore of ${release} failed (${failure.message}), and so did its undo: ${(second as Error).message}`,
      {
        ...(failure.untouched === undefined ? {} : { untouched: failure.untouched }),
        next: advice`once the cause is gone: ${undoCommand(scope)}`,
        cause: second,
      },
    );
  }
}

/** How a restore that failed stands after its undo. */
export function undoneError(
  failure: ToolError,
  { stays, missing, rollouts }: Pick<Undone, 'stays' | 'missing' | 'rollouts'>,
  scope: AdviceScope,
): UndoneError {
  const { release } = scope.address;
  const but = stays.map(({ what, why }) => `${what} (${why})`).join(', ');
  const before = `as it was before the restore${but === '' ? '' : `, but for ${but}`}`;
  if (missing.length > 0) {
    return new UndoneError(
      `the restore of ${release} failed (${failure.message}), and after its undo the pods do not come up: ${missing.map(howItStands).join('; ')}`,
      {
        untouched: `each object is ${before}`,
        next: advice`once the cause is gone: ${undoCommand(scope)}`,
        cause: failure,
      },
    );
  }
  const down = rollouts.filter(({ done }) => !done).map(howItStands);
  const as = down.length === 0 ? '' : `; its pods are not up, as they were not then: ${down.join('; ')}`;
  // What stopped the restore has its own advice; to go on, or back, is settled.
  const next = failure.cause instanceof ToolError ? failure.cause.next : undefined;
  return new UndoneError(`the restore of ${release} failed and was undone: ${failure.message}`, {
    untouched: `the release is ${before}${as}`,
    ...(next === undefined ? {} : { next }),
    cause: failure,
  });
}

function howItStands({ message, obstacles: reasons }: RolloutOutcome): string {
  return [message, ...reasons].join(', ');
}
