import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expectCode, run } from './process.ts';

/**
 * Runs a program on a terminal of its own, by script(1) of util-linux.
 * @returns everything that the terminal was sent, control sequences included.
 * @throws Error where the program fails.
 */
export async function onTerminal(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  columns = 100,
): Promise<string> {
  const outcome = await run('script', scriptArguments(program, args, columns), {
    env: { ...env, TERM: 'xterm' },
  });
  return expectCode(outcome).stdout;
}

/** A program on a terminal without colours, and somebody who reads and types. It is killed at the end of its block. */
export interface Conversation extends Disposable {
  /** Waits until `text` was shown after what was waited for last, and returns that. @throws Error with what was shown instead. */
  shows(text: RegExp, timeoutMs?: number): Promise<string>;
  /** Presses keys. */
  type(keys: string): void;
  /** Types a line. */
  answer(line: string): void;
  /** Waits for the program's end: all that was shown, and the exit code. */
  ended(): Promise<{ shown: string; code: number }>;
}

/** `using terminal = converse(BINARY, ['restore', …], cli.env); await terminal.shows(/\[y\/N\]/); terminal.answer('y');` */
export function converse(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  columns = 100,
): Conversation {
  const child = spawn('script', scriptArguments(program, args, columns), {
    env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 180_000,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let shown = '';
  let seen = 0;
  let told = Promise.withResolvers<void>();
  const tell = (): void => {
    told.resolve();
    told = Promise.withResolvers();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    tell();
  });
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    tell();
  });
  child.stdin.on('error', () => {}); // it may have ended
  return {
    shows: async (text, timeoutMs = 60_000) => {
      const late = AbortSignal.timeout(timeoutMs);
      late.addEventListener('abort', tell);
      for (;;) {
        const found = text.exec(shown.slice(seen));
        if (found !== null) {
          seen += found.index + found[0].length;
          return found[0];
        }
        if (late.aborted || isClosed) throw new Error(`no ${text} in:\n${shown.slice(seen)}`);
        await told.promise;
      }
    },
    type: (keys) => {
      child.stdin.write(keys);
    },
    answer: (line) => {
      child.stdin.write(`${line}\n`);
    },
    ended: async () => {
      const [code] = await closed;
      return { shown, code: code ?? 128 };
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}

function scriptArguments(program: string, args: string[], columns: number): string[] {
  const command = [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['-qec', `stty cols ${columns} rows 24; exec ${command}`, '/dev/null'];
}
