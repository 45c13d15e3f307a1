import type { IO } from './io.ts';
import { PLAIN_STYLE } from './style.ts';
import { TextFilter } from './text-filter.ts';
import { wrapText } from './wrap.ts';

/** The test twin of the terminal: what a command says is kept, with secrets masked as in a real run. */
export interface MemoryIO extends IO {
  /** Everything sent to standard output so far. */
  readonly stdout: string;
  /** Everything sent to standard error so far, questions included. */
  readonly stderr: string;
  /** Texts of every progress line, in order; a terminal would have shown each for a while. */
  readonly progressed: readonly string[];
}

/**
 * @param answers what `confirm` answers, in order. Given, the IO is interactive; a question beyond them is
 *   an error of the test.
 * @param secrets what is typed at `askSecret`, in order.
 * @param columns of the terminal that both streams seem to be; without, of a pipe.
 */
export function createMemoryIO({
  answers,
  secrets = [],
  columns,
}: {
  answers?: boolean[];
  secrets?: string[];
  columns?: number;
} = {}): MemoryIO {
  const filter = new TextFilter();
  const left = [...(answers ?? [])];
  const typed = [...secrets];
  const progressed: string[] = [];
  let stdout = '';
  let stderr = '';
  const say = (line: string): void => {
    stderr += `${wrapText(filter.message(line), columns)}\n`;
  };
  return {
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    progressed,
    interactive: answers !== undefined,
    style: PLAIN_STYLE,
    outStyle: PLAIN_STYLE,
    out: (line) => {
      stdout += filter.dataLine(line);
    },
    outText: (text) => {
      stdout += filter.data(text);
    },
    outProse: (text) => {
      stdout += wrapText(filter.data(text), columns);
    },
    columns,
    outColumns: columns,
    redraws: false,
    redraw: (text) => {
      stdout += filter.data(text);
    },
    say,
    warn: (line) => say(`Warning: ${line}`),
    underWay: undefined,
    progress: (text) => {
      progressed.push(filter.message(text));
      return {
        update: (next) => void progressed.push(filter.message(next)),
        done: (line) => line !== undefined && say(line),
      };
    },
    confirm: (question) => {
      say(`${question} [y/N]`);
      const answer = left.shift();
      if (answer === undefined) throw new Error(`the test has no answer to: ${question}`);
      return Promise.resolve(answer);
    },
    askSecret: (question) => {
      say(`${question}:`);
      const answer = typed.shift();
      if (answer === undefined) throw new Error(`the test types nothing at: ${question}`);
      return Promise.resolve(answer);
    },
    mask: (secretValues) => filter.mask(secretValues),
    masked: (text) => filter.masked(text),
  };
}
