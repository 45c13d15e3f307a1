import { oneLine } from './printable.ts';
import { Redactor } from './redactor.ts';
import { type Painter, PLAIN_PAINTER } from './style.ts';

/**
 * What every text passes before it leaves: secrets are masked first (escaping would change how they look),
 * then control characters are escaped. The terminal and its test twin share it.
 */
export class TextFilter {
  readonly #redactor = new Redactor();
  readonly #messages: Painter;
  readonly #data: Painter;

  /** @param messages for standard error. @param data for standard output. */
  constructor(messages: Painter = PLAIN_PAINTER, data: Painter = PLAIN_PAINTER) {
    this.#messages = messages;
    this.#data = data;
  }

  mask(secretValues: Iterable<string>): void {
    this.#redactor.add(secretValues);
  }

  /** Data of several lines, without the colours of messages. */
  data(text: string): string {
    return this.#data.render(this.#redactor.redact(this.#messages.unpaint(text)));
  }

  /** Data that is one line, with the newline that ends it. */
  dataLine(line: string): string {
    return `${oneLine(this.data(line))}\n`;
  }

  /** A text that no terminal will show: secrets masked, nothing else. */
  masked(text: string): string {
    return this.#redactor.redact(text);
  }

  /**
   * A message. It is one line; where the text (a server's error, say) holds more, they are indented, so that
   * none of them can pass for a message of its own.
   */
  message(line: string): string {
    return this.#messages.render(this.#redactor.redact(line)).replaceAll('\n', '\n  ');
  }
}
