import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { InterruptedError } from '../errors/tool-error.ts';

export interface ConfirmOptions {
  input: Readable;
  output: Writable;
  /** Ends the question as Ctrl-C does. */
  signal?: AbortSignal | undefined;
}

/**
 * Asks `question`, which says how to answer, and waits for a line: "y" or "yes", in any case, is true; anything else, also the end of
 * input, is false.
 * @throws InterruptedError on Ctrl-C, or when the signal is aborted.
 */
export function confirm(question: string, { input, output, signal }: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const readline = createInterface({ input, output, terminal: true, historySize: 0 });
    const interrupt = (): void => {
      reject(new InterruptedError());
      readline.close();
    };
    readline.once('SIGINT', interrupt);
    signal?.addEventListener('abort', interrupt, { once: true });
    readline.once('close', () => {
      signal?.removeEventListener('abort', interrupt);
      output.write('\n');
      resolve(false);
    });
    readline.question(`${question} `, (answer) => {
      resolve(/^\s*y(es)?\s*$/i.test(answer));
      readline.removeAllListeners('close');
      signal?.removeEventListener('abort', interrupt);
      readline.close();
    });
    if (signal?.aborted === true) interrupt();
  });
}
