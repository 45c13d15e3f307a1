import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  closingQuote,
  isEscaped,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../model/json/json-bytes.ts';
import { BeyondLimit, MAX_DEPTH } from '../model/json/limits.ts';

/** The list and its array are around each item. */
const DEEPEST = MAX_DEPTH + 2;

/** The key that stands before a bracket. A backslash before its first quote would make it the end of another. */
const ITEMS_KEY = /(?<!\\)"items"\s*:\s*$/;

/**
 * Cuts the text of a list (`{"kind": …, "items": [ … ]}`) into the texts of its items while it arrives, so that
 * neither the whole text nor the whole list parsed need be in memory. It looks for nothing but strings and
 * brackets, which are single bytes in UTF-8 (RFC 3629); whether each piece is JSON, its parser says.
 */
export class ListSplitter {
  readonly #onItem: (text: Buffer) => void;
  /** The list's own text up to "items", and after it. */
  readonly #rest: Buffer[] = [];
  /** What came earlier of the item that is not complete yet. */
  #begun: Buffer[] = [];
  #depth = 0;
  #inString = false;
  #afterBackslash = false;
  #inItems = false;

  /** @param onItem is given the text of each object or array among the items, for as long as the call lasts. */
  constructor(onItem: (text: Buffer) => void) {
    this.#onItem = onItem;
  }

  /**
   * Takes the next bytes; they may be used for something else afterwards.
   * @throws BeyondLimit where something in the list is nested deeper than MAX_DEPTH: to walk it could overflow the stack.
   */
  add(bytes: Buffer): void {
    let depth = this.#depth;
    let start = 0;
    for (let at = this.#inString ? this.#endOfString(bytes, 0) : 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        at = this.#endOfString(bytes, at + 1) - 1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#inItems && depth === 2) start = at;
        if (++depth > DEEPEST) throw new BeyondLimit(`the answer is nested more than ${MAX_DEPTH} deep`);
        if (depth === 2 && byte === OPEN_BRACKET && !this.#inItems) {
          this.#rest.push(Buffer.from(bytes.subarray(start, at + 1)));
          start = at + 1;
          this.#inItems = this.#endsWithItemsKey();
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (this.#inItems && depth === 2) {
          this.#complete(bytes.subarray(start, at + 1));
          start = at + 1;
        } else if (this.#inItems && depth === 1) {
          this.#inItems = false;
          start = at;
        }
      }
    }
    this.#depth = depth;
    if (!this.#inItems) this.#rest.push(Buffer.from(bytes.subarray(start)));
    else if (depth > 2) this.#begun.push(Buffer.from(bytes.subarray(start)));
  }

  /** Behind the string that goes on at `at`, or the end of the bytes, where it goes on in the next ones. */
  #endOfString(bytes: Buffer, at: number): number {
    const from = this.#afterBackslash ? at + 1 : at;
    const end = closingQuote(bytes, from);
    this.#inString = end < 0;
    // Of no bytes at all a backslash before them still counts.
    if (end >= 0) this.#afterBackslash = false;
    else if (bytes.length > at)
      this.#afterBackslash = from <= bytes.length && isEscaped(bytes, bytes.length, from);
    return end < 0 ? bytes.length : end + 1;
  }

  /** The list without its items. */
  get envelope(): string {
    return Buffer.concat(this.#rest).toString('utf8');
  }

  #complete(end: Buffer): void {
    const item = this.#begun.length === 0 ? end : Buffer.concat([...this.#begun, end]);
    this.#begun = [];
    this.#onItem(item);
  }

  #endsWithItemsKey(): boolean {
    return ITEMS_KEY.test(this.envelope.slice(0, -1));
  }
}
