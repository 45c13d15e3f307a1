import { spawn } from 'node:child_process';
import type { Outcome } from './process.ts';

/** A program and whatever it starts, which signals reach together, as from a terminal. */
export interface ProcessGroup {
  signal(signal: NodeJS.Signals): void;
  /** Once nobody of them holds its output any more. */
  ended: Promise<Outcome>;
}

const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

/** Starts a program in a process group of its own. All of them are killed after two minutes. */
export function inGroup(program: string, args: string[], env: NodeJS.ProcessEnv): ProcessGroup {
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // All of them have ended.
    }
  };
  const command = [program.slice(program.lastIndexOf('/') + 1), ...args].join(' ');
  const ended = new Promise<Outcome>((resolve, reject) => {
    const deadline = setTimeout(() => signal('SIGKILL'), 120_000);
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearTimeout(deadline);
      const exit = code ?? EXIT_CODES[by ?? 'SIGKILL'] ?? 128;
      resolve({ command, stdout, stderr, code: exit, ms: performance.now() - started });
    });
  });
  return { signal, ended };
}
