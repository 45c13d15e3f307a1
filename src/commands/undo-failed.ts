import { ToolError } from '../errors/tool-error.ts';
import type { Remainder } from '../restore/undo-plan.ts';
import type { Session } from './restore-session.ts';
import { planTheUndo, undoJournal } from './undo-journal.ts';

/** The error of a restore that was undone by itself. */
export class UndoneError extends ToolError {}

/** Undoes a restore that failed. @returns the error to throw: the failure, and what became of the undo. */
export async function undoFailed(
  { kube, keep, address, options, context }: Session,
  id: string,
  signal: AbortSignal,
  failure: ToolError,
): Promise<ToolError> {
  const { io } = context;
  const { release, namespace } = address;
  try {
    const journal = (await keep.journals(address)).find(({ start }) => start.id === id);
    if (journal === undefined) return failure;
    io.say(`Undoing, because it failed: ${failure.message}`);
    const planned = await planTheUndo(kube, keep, address, journal, context);
    const { stays } = await undoJournal(
      kube,
      keep,
      { address, journal, planned, timeoutMs: options.timeoutMs, signal, evenUnkept: true },
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
        next: `once the cause is gone: kubectl memcached-backup undo ${release} -n ${namespace}`,
        cause: second,
      },
    );
  }
}

function asBefore(stays: Remainder[]): string {
  const but = stays.map(({ what, why }) => `${what} (${why})`).join(', ');
  return `the release is as it was before the restore${but === '' ? '' : `, but for ${but}`}`;
}
