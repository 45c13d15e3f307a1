import type { Writable } from 'node:stream';
import type { Ora } from 'ora';
import type { Progress } from './io.ts';

/**
 * One line on a terminal that shows what is under way. Several things may be: the newest text is shown,
 * and the line goes away with the last of them. ora is loaded when the first starts.
 */
export class SpinnerLine {
  readonly #stream: Writable;
  readonly #color: boolean;
  readonly #open = new Set<Progress>();
  #text = '';
  /** How many print or ask something right now. */
  #pauses = 0;
  #ora: Ora | undefined;
  #loading = false;

  constructor(stream: Writable, color: boolean) {
    this.#stream = stream;
    this.#color = color;
  }

  /** `say` prints the line that `done` leaves behind. */
  start(text: string, say: (line: string) => void): Progress {
    const progress: Progress = {
      update: (next) => {
        if (this.#open.has(progress)) this.#show(next);
      },
      done: (line) => {
        this.#open.delete(progress);
        if (this.#open.size === 0) this.#hide();
        if (line !== undefined) say(line);
      },
    };
    this.#open.add(progress);
    this.#show(text);
    return progress;
  }

  /** Takes the line away while a question is asked; returns what brings it back. */
  pause(): () => void {
    this.#pauses++;
    this.#hide();
    return () => {
      this.#pauses--;
      if (this.#open.size > 0) this.#show(this.#text);
    };
  }

  #show(text: string): void {
    this.#text = text;
    if (this.#pauses > 0) return;
    if (this.#ora === undefined) {
      void this.#load();
      return;
    }
    this.#ora.text = text;
    if (!this.#ora.isSpinning) this.#ora.start();
  }

  #hide(): void {
    // Where it does not spin, there is no line to take away.
    if (this.#ora?.isSpinning === true) this.#ora.stop();
  }

  async #load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const { default: ora } = await import('ora');
    // Standard input stays as it is (raw mode would swallow Ctrl-C during synchronous work), and so does
    // the cursor (a killed process could not bring it back).
    this.#ora = ora({
      text: this.#text,
      stream: this.#stream,
      color: this.#color ? 'cyan' : false,
      isEnabled: true,
      discardStdin: false,
      hideCursor: false,
    });
    if (this.#open.size > 0 && this.#pauses === 0) this.#ora.start();
  }
}
