import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntryPoint } from './entry-points.ts';
import type { Outcome } from './process.ts';

/**
 * Runs a program and sends a signal to it and all its children once `ready` is resolved: SIGINT, as a terminal does on
 * Ctrl-C, or SIGHUP, as it does when it goes away. The outcome has the program's own exit code, and what was said until the last of them ended.
 */
export async function interruptLikeTerminal(
  { program, env }: Pick<EntryPoint, 'program' | 'env'>,
  args: string[],
  ready: Promise<unknown>,
  signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' = 'SIGINT',
): Promise<Outcome & { sinceSignalMs: number }> {
  const started = performance.now();
  // In a process group of its own, which is what a terminal signals.
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const group = -(child.pid ?? Number.NaN);
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    // "close" comes when nobody holds the pipes any more, "exit" when the program itself ended.
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 128)));
  });
  try {
    await Promise.race([ready, closed, failAfter(60_000, 'the program was not ready')]);
    process.kill(group, signal);
    const signalled = performance.now();
    const code = await Promise.race([closed, failAfter(10_000, `the program went on after ${signal}`)]);
    const ended = performance.now();
    const command = [program, ...args].join(' ');
    return { command, stdout, stderr, code, ms: ended - started, sinceSignalMs: ended - signalled };
  } finally {
    try {
      process.kill(group, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  }
}

async function failAfter(ms: number, message: string): Promise<never> {
  await wait(ms, undefined, { ref: false });
  throw new Error(`${message} within ${ms} ms`);
}
