import type { Readable, Writable } from 'node:stream';
import { ToolError } from '../errors/tool-error.ts';
import { askSecret } from './ask-secret.ts';
import { confirm } from './confirm.ts';
import type { IO } from './io.ts';
import { SpinnerLine } from './spinner.ts';
import { createPainter, PLAIN_PAINTER, wantsColor } from './style.ts';
import { TextFilter } from './text-filter.ts';
import { UnderWay } from './under-way.ts';
import { columnsOf, wrapText } from './wrap.ts';

/** The process's streams and environment, or a test's. */
export interface Terminal {
  /** Looked at only where somebody may be asked: Node's own takes a millisecond to be made. */
  readonly stdin: Readable & { isTTY?: boolean | undefined };
  stdout: Writable & { isTTY?: boolean | undefined; rows?: number; columns?: number };
  stderr: Writable & { isTTY?: boolean | undefined; columns?: number };
  env: NodeJS.ProcessEnv;
  /** Overrides what the terminal and the environment say. */
  color?: boolean | undefined;
  /** Aborted on SIGTERM: an open question then ends with InterruptedError. */
  signal?: AbortSignal | undefined;
}

/**
 * The IO of a real run. Asynchronous because colour is loaded only where it shows; without it nothing is
 * loaded and nothing waits.
 */
export async function createTerminalIO(terminal: Terminal): Promise<IO> {
  const { stdout, stderr, env, signal } = terminal;
  const color = terminal.color ?? wantsColor(stderr.isTTY === true, env);
  // FORCE_COLOR is for what a person reads: a file or a program gets data without colours whatever it says.
  const colorData = stdout.isTTY === true && (terminal.color ?? wantsColor(true, env));
  const painter = color ? await createPainter() : PLAIN_PAINTER;
  const dataPainter = colorData ? await createPainter() : PLAIN_PAINTER;
  const filter = new TextFilter(painter, dataPainter);
  const spinner = canSpin(stderr, env) ? new SpinnerLine(stderr, color) : undefined;
  stdout.on('error', failUnlessClosed);
  // Nobody could be told, and a restore that is under way must not break off for a message.
  stderr.on('error', () => {});

  const toRead = (message: string): string => wrapText(filter.message(message), columnsOf(stderr));
  /** Takes the spinner's line away while something else is printed, which would go on in it. */
  const beside = (print: () => void): void => {
    const resume = spinner?.pause();
    print();
    resume?.();
  };
  const say = (line: string): void => beside(() => stderr.write(`${toRead(line)}\n`));
  const underWay = new UnderWay({
    spinner,
    say,
    filtered: (text) => filter.message(text),
    columns: () => columnsOf(stderr),
  });
  return {
    interactive: stderr.isTTY === true && terminal.stdin.isTTY === true,
    style: painter.style,
    outStyle: dataPainter.style,
    out: (line) => {
      beside(() => stdout.write(filter.dataLine(line)));
    },
    outText: (text) => {
      beside(() => stdout.write(filter.data(text)));
    },
    outProse: (text) => {
      beside(() => stdout.write(wrapText(filter.data(text), columnsOf(stdout))));
    },
    get columns() {
      return columnsOf(stderr);
    },
    get outColumns() {
      return columnsOf(stdout);
    },
    redraws: stdout.isTTY === true && env.TERM !== 'dumb',
    redraw: (text) => {
      stdout.write(`${HOME_AND_CLEAR}${filter.data(firstLines(text, stdout.rows))}`);
    },
    say,
    warn: (line) => say(`${painter.style.yellow('Warning:')} ${line}`),
    progress: (text, wait) => underWay.start(text, wait),
    get underWay() {
      return underWay.newest;
    },
    confirm: async (question) => {
      const resume = spinner?.pause();
      try {
        return await confirm(toRead(`${question} [y/N]`), { input: terminal.stdin, output: stderr, signal });
      } finally {
        resume?.();
      }
    },
    askSecret: async (question) => {
      const resume = spinner?.pause();
      try {
        const answer = await askSecret(toRead(question), { input: terminal.stdin, output: stderr, signal });
        filter.mask([answer]);
        return answer;
      } finally {
        resume?.();
      }
    },
    mask: (secretValues) => filter.mask(secretValues),
    masked: (text) => filter.masked(text),
  };
}

/** ECMA-48: cursor to the first line, then erase to the end of the screen. */
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** What fits on a screen: more would scroll, and the next drawing would leave a part of it behind. */
function firstLines(text: string, rows: number | undefined): string {
  const lines = text.split('\n');
  // The last line stays empty, for the cursor; one tells that there is more.
  if (rows === undefined || rows < 3 || lines.length <= rows) return text;
  return [...lines.slice(0, rows - 2), `(${lines.length - rows + 1} more lines)`, ''].join('\n');
}

/** A terminal of no width (a pty that nobody sized) would have ora clear endlessly many lines. */
function canSpin({ isTTY, columns }: Terminal['stderr'], env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && env.TERM !== 'dumb' && columns !== 0;
}

/** A reader that went away (`| head`) wants no more and is no failure; a full disk behind `>` is one. */
function failUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  throw new ToolError(`can't write to standard output: ${error.message}`, { cause: error });
}
