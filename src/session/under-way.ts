import { interruptible } from '../errors/interruptible.ts';
import type { IO, Progress } from '../output/io.ts';
import type { CommandContext } from './context.ts';

/** Shows `text` while `work` is under way, and leaves no trace of it, whatever becomes of the work, which may change the text. */
export async function showing<T>(
  io: IO,
  text: string,
  work: (update: Progress['update']) => Promise<T>,
): Promise<T> {
  const progress = io.progress(text);
  try {
    return await work((next, wait) => progress.update(next, wait));
  } finally {
    progress.done();
  }
}

/**
 * The same for work that only reads: it is waited for until Ctrl-C, and may then go on unheard.
 * @param untouched what a person needs to hear then.
 * @throws BrokenOffError
 */
export function reading<T>(
  { io, signal }: Pick<CommandContext, 'io' | 'signal'>,
  text: string,
  untouched: string,
  work: () => Promise<T>,
): Promise<T> {
  return showing(io, text, () => interruptible(work(), signal, untouched));
}
