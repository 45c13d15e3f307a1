/**
 * Everything a command says goes through here: data to standard output, everything else to standard error.
 * Both pass the redactor, so that a Secret's value can't reach a terminal or a log by way of a message, and both
 * have control characters escaped, in a pipe too: what is behind it (tee, less -R, a CI's log) is a terminal in the end.
 */
export interface IO {
  /**
   * Data: a result, one line whatever it holds. `line` has no newline at its end; one within it, which may come
   * with a name, is escaped and makes no second result.
   */
  out(line: string): void;
  /**
   * Data of several lines: a table, JSON, YAML, a diff. `text` ends with a newline, and its newlines and tabs stay:
   * whoever makes it has seen to it that those in names are escaped.
   */
  outText(text: string): void;
  /**
   * Data for a person to read, several lines that {@link outText} would take: what is longer than a terminal is wide goes on in the next
   * line, between two words. In a pipe or a file lines stay whole.
   */
  outProse(text: string): void;
  /** Data that takes the place of what was drawn before, on a terminal of its own size; where `redraws`. */
  redraw(text: string): void;
  /** Whether standard output is a screen that can be drawn anew. */
  readonly redraws: boolean;
  /** Messages for the person: progress, warnings, questions. One line, no newline at its end, broken as that of {@link outProse}. */
  say(line: string): void;
  /** `Warning: …` on standard error. */
  warn(line: string): void;
  /**
   * Shows that something long is under way. On a terminal a spinner replaces its own line, with the time that it takes; elsewhere
   * a line is printed every 15 s of a `wait`, and nothing of anything else. Call `done` with a line to leave behind, or with
   * nothing to leave no trace.
   */
  progress(text: string, wait?: Wait): Progress;
  /** What is under way by the newest of the open progress lines; undefined where none is open. */
  readonly underWay: string | undefined;
  /** Asks for "y". Only on a terminal: callers check `interactive` first. */
  confirm(question: string): Promise<boolean>;
  /**
   * Asks for what nobody else may see, and shows nothing of it; "" where there was no answer. From then on it is masked.
   * Only on a terminal, as `confirm`.
   */
  askSecret(question: string): Promise<string>;
  /** Whether a person can be asked: standard input and standard error are terminals. */
  readonly interactive: boolean;
  /** Styles for standard error; plain functions where colour is off. */
  readonly style: Style;
  /** Styles for standard output; plain functions unless it is a terminal that shows colour. */
  readonly outStyle: Style;
  /** How wide standard error is, where it is a terminal; elsewhere undefined, and nothing is cut or broken. */
  readonly columns: number | undefined;
  /** The same of standard output. */
  readonly outColumns: number | undefined;
  /** From now on these values are masked wherever they would appear in output. */
  mask(secretValues: Iterable<string>): void;
  /** A text for a file, with what is to be masked masked. */
  masked(text: string): string;
}

export interface Progress {
  /** What is under way now; without `wait` it is nothing that ends at a set time. */
  update(text: string, wait?: Wait): void;
  done(line?: string): void;
}

/** Something that is waited for no longer than a limit. */
export interface Wait {
  /** When it began, milliseconds since the epoch. */
  since: number;
  limitMs: number;
}

export type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  cyan: Paint;
}
