import { ToolError } from '../errors/tool-error.ts';
import type { Remainder } from '../restore/undo-plan.ts';
import { keptBy, type Session } from './restore-session.ts';
import { undoWords } from './restore-words.ts';
import { planTheUndo, undoJournal } from './undo-journal.ts';

/** The error of a restore that was undone by itself. */
export class UndoneError extends ToolError {}

/** Undoes a restore that failed. @returns the error to throw: the failure, and what became of the undo. */
export async function undoFailed(
  session: Session,
  id: string,
  signal: AbortSignal,
  failure: ToolError,
): Promise<ToolError> {
  const { kube, keep, address, options, context } = session;
  const { io } = context;
  const { release } = address;
  const kept = keptBy(session);
  try {
    const journal = (await keep.journals(address)).find(({ start }) => start.id === id);
    if (journal === undefined) return failure;
    io.say(`Undoing, because it failed: ${failure.message}`);
    const planned = await planTheUndo(kube, keep, address, journal, context);
    const { stays } = await undoJournal(
      kube,
      keep,
      { kept, journal, planned, timeoutMs: options.timeoutMs, signal, evenUnkept: true },
      context,
    );
    return new UndoneError(`the restore of ${release} failed and was undone: ${failure.message}`, {
      untouched: asBefore(stays),
      ...(failure.next === undefined ? {} : { next: failure.next }),
      cause: failure,
    });
  } catch (second) {
    return new UndoneError(
      `the restore of ${release} failed (${failure.message}), and so did its undo: ${(second as Error).message}`,
      {
        ...(failure.untouched === undefined ? {} : { untouched: failure.untouched }),
        next: `once the cause is gone: kubectl memcached-backup ${undoWords(kept)}`,
        cause: second,
      },
    );
  }
}

function asBefore(stays: Remainder[]): string {
  const but = stays.map(({ what, why }) => `${what} (${why})`).join(', ');
  return `the release is as it was before the restore${but === '' ? '' : `, but for ${but}`}`;
}
