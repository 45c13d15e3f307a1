import { printable } from './printable.ts';
import { Redactor } from './redactor.ts';
import { type Painter, PLAIN_PAINTER } from './style.ts';

/**
 * What every text passes before it leaves: secrets are masked first (escaping would change how they look),
 * then control characters are escaped. The terminal and its test twin share it.
 */
export class TextFilter {
  readonly #redactor = new Redactor();
  readonly #painter: Painter;

  constructor(painter: Painter = PLAIN_PAINTER) {
    this.#painter = painter;
  }

  mask(secretValues: Iterable<string>): void {
    this.#redactor.add(secretValues);
  }

  /** Data: without colours, and untouched but for secrets where a program or a file receives it. */
  data(text: string, toTerminal: boolean): string {
    const safe = this.#redactor.redact(this.#painter.unpaint(text));
    return toTerminal ? printable(safe) : safe;
  }

  /**
   * A message. It is one line; where the text (a server's error, say) holds more, they are indented, so that
   * none of them can pass for a message of its own.
   */
  message(line: string): string {
    return this.#painter.render(this.#redactor.redact(line)).replaceAll('\n', '\n  ');
  }
}
