/** What a terminal was sent, and when. */
export interface Shown {
  /** Since the command began. */
  ms: number;
  text: string;
}

/** Between two keys of somebody who types well. */
const KEY_MS = 30;
/** Before a comment or a command: the output before it is to be read. */
const READING_MS = 2200;
/** A command takes no longer than this: what takes longer goes by faster. */
const LONGEST_MS = 3500;

/**
 * A session for people to watch, as asciinema plays it (asciicast v2, docs.asciinema.org/manual/asciicast/v2): what commands printed on a
 * real terminal, at their own pace where that is short, and words typed between them.
 */
export class CastRecorder {
  readonly #events: [seconds: number, text: string][] = [];
  #ms = 0;

  /** A comment or a command, typed after a prompt and sent. */
  type(line: string): void {
    this.#show('$ ');
    for (const key of line.replaceAll('\n', '\r\n')) this.#after(KEY_MS, key);
    this.#after(KEY_MS * 6, '\r\n');
  }

  /** Time to read what is there. */
  pause(ms = READING_MS): void {
    this.#ms += ms;
  }

  /** What a command printed. */
  play(shown: readonly Shown[]): void {
    const began = this.#ms;
    const lasted = shown.at(-1)?.ms ?? 0;
    const pace = Math.min(1, LONGEST_MS / Math.max(lasted, 1));
    for (const { ms, text } of shown) {
      this.#ms = began + ms * pace;
      this.#show(text);
    }
  }

  /** @returns the file: a header, and an event a line. */
  file({ columns, rows, title }: { columns: number; rows: number; title: string }): string {
    const header = {
      version: 2,
      width: columns,
      height: rows,
      title,
      env: { TERM: 'xterm-256color', SHELL: '/bin/sh' },
    };
    // The last picture stays for a moment.
    const end: [number, string] = [(this.#ms + READING_MS) / 1000, ''];
    const events = [...this.#events, end].map(([seconds, text]) => [Number(seconds.toFixed(3)), 'o', text]);
    return `${[header, ...events].map((line) => JSON.stringify(line)).join('\n')}\n`;
  }

  #after(ms: number, text: string): void {
    this.#ms += ms;
    this.#show(text);
  }

  #show(text: string): void {
    this.#events.push([this.#ms / 1000, text]);
  }
}
