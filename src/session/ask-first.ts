import { DeclinedError, InterruptedError, UsageError } from '../errors/tool-error.ts';
import type { IO } from '../output/io.ts';

/** @throws UsageError where nobody can be asked; then `untouched` says what was not changed. */
export function assertCanAsk(io: IO, untouched: string): void {
  if (io.interactive) return;
  throw new UsageError('there is no terminal to ask on', { untouched, next: 'the same command with --yes' });
}

/**
 * Asks a question to which the answer is yes or no, before anything is changed.
 * @param refusal what a no means: "not restored".
 * @throws UsageError where nobody can be asked, DeclinedError for a no, InterruptedError for Ctrl-C.
 */
export async function askFirst(
  io: IO,
  question: string,
  { refusal, untouched }: { refusal: string; untouched: string },
): Promise<void> {
  assertCanAsk(io, untouched);
  const isAgreed = await io.confirm(question).catch((error: unknown) => {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(`interrupted at the question: ${refusal}`, { untouched });
  });
  if (!isAgreed) throw new DeclinedError(`${refusal}: the answer was no`, { untouched });
}
