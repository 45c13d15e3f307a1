import { writeSync } from 'node:fs';
import { completionWords } from './cli/completion/asked.ts';
import { NO_CONNECTION_FLAGS } from './cli/connection-flags.ts';
import { answerQuickly } from './cli/quick-answer.ts';
import { reportError, wantsDebug } from './cli/report-error.ts';
import { spellingOf } from './cli/spelling.ts';
import { type End, TerminationLog, terminationLogIn } from './cli/termination-log.ts';
import { ExitCode } from './errors/exit-code.ts';
import { InterruptedError } from './errors/tool-error.ts';
import { printable } from './output/printable.ts';
import { Ending } from './session/ending.ts';
import { LastWords } from './session/last-words.ts';

/**
 * Bytes of the memory that small Buffers share, as before Node 25: 64 KiB of it live longer than what is in it, and much of
 * them lay about, unused, until V8 collected old objects.
 */
const POOL_SIZE = 8 * 1024;

/**
 * The program: one command line, from `argv` (without the program's own name) to the exit code. Signals and
 * whatever escapes a command are dealt with here and nowhere else.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  Buffer.poolSize = POOL_SIZE;
  const ending = new Ending();
  const file = terminationLogIn(argv);
  const terminationLog = file === undefined ? undefined : new TerminationLog(file, ending);
  const lastWords = new LastWords();
  const masked = (text: string): string => lastWords.masked(text);
  const endNow = (end: End): never => {
    try {
      terminationLog?.write(end, masked);
    } finally {
      // Also where that can't be written.
      process.exit(end.exitCode);
    }
  };
  process.on('uncaughtException', (error) => {
    const { env } = process;
    const spelling = spellingOf(env, NO_CONNECTION_FLAGS);
    const { lines, exitCode } = reportError(error, { spelling, debug: wantsDebug(env), interrupted: false });
    try {
      writeSync(2, lines.map((line) => `${printable(masked(line))}\n`).join(''));
    } finally {
      // Also where standard error can't be written.
      endNow({ exitCode, cause: error.message });
    }
  });
  const interruption = new AbortController();
  // SIGHUP: the terminal is gone, an ssh session was lost.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The first one lets the command finish or put back what is half done; the second does not wait.
      if (interruption.signal.aborted) endNow({ exitCode: ExitCode.interrupted });
      interruption.abort(new InterruptedError());
      setTimeout(() => {
        tellLastWords(lastWords);
        endNow({ exitCode: ExitCode.interrupted, cause: 'it did not end in time' });
      }, LAST_RESORT_MS).unref();
    });
  }
  const { runTool } = await import('./cli/run.ts');
  const exitCode = await runTool({
    argv,
    env: process.env,
    signal: interruption.signal,
    lastWords,
    ending,
    terminationLog,
  });
  await Promise.all([process.stdout, process.stderr].map(flushed));
  return exitCode;
}

/**
 * From the first signal, milliseconds. A command ends by itself before that, saying where things stand; five seconds
 * are promised, and a machine with much to do takes the rest of them to say the last words and end the process.
 */
const LAST_RESORT_MS = 4_000;

function tellLastWords(lastWords: LastWords): void {
  try {
    const lines = ['error: interrupted, and it did not end in time', ...lastWords.lines];
    writeSync(2, lines.map((line) => `${printable(lastWords.masked(line))}\n`).join(''));
  } catch {
    // Nobody could be told.
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

if (import.meta.main) {
  // In the executable its loader does the same (scripts/build/sea-main.ts). Whoever broke a command off does
  // not wait for its last request.
  const argv = process.argv.slice(2);
  const line = completionWords(process.argv0, argv);
  if (line !== undefined) {
    const { complete } = await import('./cli/completion/completion.ts');
    await complete(line, process.env);
    process.exit(ExitCode.ok);
  }
  process.exit((await answerQuickly(argv, process.env)) ? ExitCode.ok : await main(argv));
}
