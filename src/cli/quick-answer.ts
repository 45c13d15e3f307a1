import { fstatSync, statSync, writeSync } from 'node:fs';
import { columnsOf } from '../output/wrap.ts';
import { quickHelp } from './help-for.ts';
import { VERSION_LINE } from './version.ts';

/**
 * Answers `--version` and plain requests for help before anything else is loaded: in the executable this
 * takes half the time of `kubectl version --client`. False where the line asks for something else, or where
 * standard output can't be written: then the long way says so.
 */
export async function answerQuickly(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const answer =
    argv.join(' ') === '--version' ? VERSION_LINE : await quickHelp(argv, env, terminalColumns());
  return answer !== undefined && print(Buffer.from(answer));
}

/** What is no terminal is not asked: see below. Windows has no /dev/null to compare with. */
function terminalColumns(): number | undefined {
  return process.platform === 'win32' || mayBeTerminal(1) ? columnsOf(process.stdout) : undefined;
}

/** By what the file is: "node:tty", which knows, takes 3 ms to load. */
function mayBeTerminal(fd: number): boolean {
  try {
    const file = fstatSync(fd);
    return file.isCharacterDevice() && file.rdev !== statSync('/dev/null').rdev;
  } catch {
    // Closed.
    return false;
  }
}

/** Straight to the file descriptor: the stream `process.stdout` costs several milliseconds to set up. */
function print(bytes: Buffer): boolean {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
    return true;
  } catch (error) {
    // A reader that went away (`| head`) is no failure.
    return (error as NodeJS.ErrnoException).code === 'EPIPE';
  }
}
