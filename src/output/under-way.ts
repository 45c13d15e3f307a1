import { formatAge } from './age.ts';
import type { Progress, Wait } from './io.ts';
import type { SpinnerLine } from './spinner.ts';
import { cutTo } from './wrap.ts';

/** Without a terminal, whoever reads the log later, or now, is told so often that something is waited for, milliseconds. */
const TOLD_EVERY_MS = 15_000;
/** On a terminal the time goes on by the second. */
const EVERY_MS = 1000;
/** What takes less is not worth a number. */
const QUICK_MS = 3000;
/** The spinner itself and the space after it, and a column in which a cursor may stand. */
const SPINNER_COLUMNS = 3;

/** Where it is told. */
export interface UnderWayOptions {
  /** Undefined without a terminal. */
  spinner: SpinnerLine | undefined;
  /** Prints a line of standard error. */
  say(line: string): void;
  /** What may be shown of a text. */
  filtered(text: string): string;
  /** Of the terminal, if it is one. */
  columns(): number | undefined;
}

/** One thing that is under way. */
interface Open {
  text: string;
  since: number;
  wait: Wait | undefined;
}

/**
 * What is under way: on a terminal a spinner with the newest text and the time it takes, of how much where there is a limit;
 * elsewhere a line every 15 s, of what has a limit.
 */
export class UnderWay {
  readonly #options: UnderWayOptions;
  #open: Open[] = [];

  constructor(options: UnderWayOptions) {
    this.#options = options;
  }

  /** Of what began last. */
  get newest(): string | undefined {
    return this.#open.at(-1)?.text;
  }

  start(text: string, wait?: Wait): Progress {
    const { spinner, say } = this.#options;
    const open: Open = { text, since: Date.now(), wait };
    this.#open.push(open);
    const shown = spinner?.start(this.#onOneRow(open), say);
    let toldAt = 0;
    const tick = setInterval(() => {
      if (shown !== undefined) {
        shown.update(this.#onOneRow(open));
        return;
      }
      if (open.wait === undefined || Date.now() - Math.max(toldAt, open.wait.since) < TOLD_EVERY_MS) return;
      toldAt = Date.now();
      say(timed(open, open.text));
    }, EVERY_MS);
    // It keeps no process from ending.
    tick.unref();
    return {
      update: (next, nextWait) => {
        open.text = next;
        open.wait = nextWait;
        shown?.update(this.#onOneRow(open));
      },
      done: (line) => {
        clearInterval(tick);
        this.#open = this.#open.filter((each) => each !== open);
        if (shown !== undefined) shown.done(line);
        else if (line !== undefined) say(line);
      },
    };
  }

  /** A spinner of several rows jumps: what does not fit is cut, and the time stays. */
  #onOneRow(open: Open): string {
    const text = this.#options.filtered(open.text);
    const columns = this.#options.columns();
    if (columns === undefined) return timed(open, text);
    return timed(open, cutTo(text, columns - SPINNER_COLUMNS - (timed(open, text).length - text.length)));
  }
}

/** "Looking (12s)", "deployment.apps/cart: 1 of 2 pods (12s of 5m)" */
function timed({ since, wait }: Open, text: string): string {
  const elapsed = Date.now() - (wait?.since ?? since);
  if (wait !== undefined) return `${text} (${formatAge(elapsed)} of ${formatAge(wait.limitMs)})`;
  return elapsed < QUICK_MS ? text : `${text} (${formatAge(elapsed)})`;
}
