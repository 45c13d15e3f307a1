import { ListSplitter } from './list-splitter.ts';

/** A list that arrives: what is kept of each item is made as soon as the item is complete. */
export class ListReading<T> {
  /** Bytes of all items. */
  bytes = 0;
  readonly #keep: (text: Buffer) => T;
  readonly #most: number;
  readonly #kept: T[] = [];
  #failure: { error: unknown } | undefined;
  readonly #splitter = new ListSplitter((text) => this.#take(text));

  /**
   * @param keep makes of an item's text, which lasts as long as the call, what is kept of it.
   * @param most items that are kept; of further ones, one tells that they are there.
   */
  constructor(keep: (text: Buffer) => T, most: number) {
    this.#keep = keep;
    this.#most = most;
  }

  /** The same for an answer that begins anew. */
  again(): ListReading<T> {
    return new ListReading(this.#keep, this.#most);
  }

  /** Takes the next bytes. @throws BeyondLimit as ListSplitter does. */
  add(bytes: Buffer): void {
    this.#splitter.add(bytes);
  }

  /** The list without its items. */
  get envelope(): string {
    return this.#splitter.envelope;
  }

  /** What was kept of the items, in their order. @throws what `keep` threw first. */
  get items(): T[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#kept;
  }

  /** That `keep` fails is no failure of the connection: it is thrown once the answer is complete. */
  #take(text: Buffer): void {
    this.bytes += text.length;
    if (this.#failure !== undefined || this.#kept.length > this.#most) return;
    try {
      this.#kept.push(this.#keep(text));
    } catch (error) {
      this.#failure = { error };
      this.#kept.length = 0;
    }
  }
}
