import { spawn } from 'node:child_process';

/** What a program did. */
export interface Outcome {
  /** The command as one would type it, for messages. */
  command: string;
  stdout: string;
  stderr: string;
  /** The exit code; 128 and more where a signal ended it, as in a shell. */
  code: number;
  /** Wall time in milliseconds. */
  ms: number;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to standard input, which is closed then. */
  input?: string | undefined;
  /** The program is killed and the run fails after this; no test may hang. */
  timeoutMs?: number;
}

/**
 * For kubectl and helm, which live for a tenth of a second: what they collect as garbage (a fifth of their processor
 * time) would be gone with them anyway. Go's "runtime" package, "Environment Variables".
 */
export const SHORT_LIVED_GO: NodeJS.ProcessEnv = { GOGC: 'off' };

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs a program to its end, whatever its exit code.
 * @throws Error where it can't be started or takes longer than `timeoutMs` (default two minutes).
 */
export function run(file: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  const { env = process.env, cwd, input = '', timeoutMs = 120_000 } = options;
  const command = [file.slice(file.lastIndexOf('/') + 1), ...args].join(' ');
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, stdio: 'pipe', timeout: timeoutMs, killSignal: 'SIGKILL' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // a program may end without reading what we offer
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ms = performance.now() - started;
      const outcome: Outcome = {
        command,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code: code ?? 128 + (signal === null ? 0 : (SIGNAL_NUMBERS[signal] ?? 0)),
        ms,
      };
      if (ms >= timeoutMs && code === null)
        reject(new Error(`no end within ${timeoutMs} ms: ${describe(outcome)}`));
      else resolve(outcome);
    });
  });
}

/** Everything about a run that helps to understand a failure. */
export function describe(outcome: Outcome): string {
  return [
    `$ ${outcome.command}`,
    `exit code ${outcome.code} after ${Math.round(outcome.ms)} ms`,
    `--- stdout\n${outcome.stdout}`,
    `--- stderr\n${outcome.stderr}`,
  ].join('\n');
}

/** @throws Error describing the run where it did not exit with `code`. */
export function expectCode(outcome: Outcome, code = 0): Outcome {
  if (outcome.code !== code) throw new Error(`expected exit code ${code}\n${describe(outcome)}`);
  return outcome;
}
