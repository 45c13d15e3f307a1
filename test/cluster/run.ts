import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ToolError } from '../../src/errors/tool-error.ts';

const execFileAsync = promisify(execFile);

/** Runs a short command and returns its standard output; the error of a failed one carries its standard error. */
export async function output(
  command: string,
  args: string[],
  options: { cwd?: string } = {},
): Promise<string> {
  const { stdout } = await execFileAsync(command, args, { ...options, maxBuffer: 1 << 26 });
  return stdout;
}

/** Runs a long command with all its output in `log`; when it fails, the error shows the log's last lines. */
export async function runLogged(
  log: string,
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  mkdirSync(dirname(log), { recursive: true });
  const fd = openSync(log, 'a');
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      // A build that outlives us would go on writing where the next one starts.
      const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
        ...options,
        stdio: ['ignore', fd, fd],
      });
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(status ?? signal));
    });
    if (code !== 0) {
      throw new ToolError(
        `${command} ${args[0] ?? ''} ended with ${code}; the last lines of ${log}:\n${tail(log, 20)}`,
      );
    }
  } finally {
    closeSync(fd);
  }
}

/** The last lines of a text file, indented; empty when there is no such file. */
export function tail(file: string, lines: number): string {
  try {
    const all = readFileSync(file, 'utf8').trimEnd().split('\n');
    return all
      .slice(-lines)
      .map((line) => `  ${line.slice(0, 500)}`)
      .join('\n');
  } catch {
    return '';
  }
}
