import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { InterruptedError } from '../errors/tool-error.ts';
import type { ConfirmOptions } from './confirm.ts';

/**
 * Asks for a line that is not shown while it is typed. The end of input is an empty one.
 * @throws InterruptedError on Ctrl-C, or when the signal is aborted.
 */
export function askSecret(question: string, { input, output, signal }: ConfirmOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    // A terminal's echo is readline's own writing, and that goes nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const readline = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', interrupt);
      readline.removeAllListeners('close');
      readline.close();
      output.write('\n');
      settle();
    };
    const interrupt = (): void => end(() => reject(new InterruptedError()));
    readline.once('SIGINT', interrupt);
    signal?.addEventListener('abort', interrupt, { once: true });
    readline.once('close', () => end(() => resolve('')));
    readline.once('line', (answer) => end(() => resolve(answer)));
    output.write(`${question}: `);
    if (signal?.aborted === true) interrupt();
  });
}
