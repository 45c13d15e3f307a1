import type { AnswerChunks } from '../memcached-client.ts';
import { MemcachedError } from '../memcached-error.ts';

/** No line of an answer is longer: a key, URI-encoded, and a dozen numbers. */
const LINE_LIMIT = 4096;

/** Takes lines and blocks off an answer; what has arrived is taken without waiting, for there may be millions. */
export class AnswerLines {
  readonly #answer: AnswerChunks;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(answer: AnswerChunks) {
    this.#answer = answer;
  }

  /** The next line without its end, as latin1; undefined where it has not arrived: see {@link more}. */
  line(): string | undefined {
    const end = this.#chunk.indexOf(0x0a, this.#at);
    if (end < 0) return undefined;
    const last = end > this.#at && this.#chunk[end - 1] === 0x0d ? end - 1 : end;
    const line = this.#chunk.toString('latin1', this.#at, last);
    this.#at = end + 1;
    return line;
  }

  /** The next `count` bytes, a part of what arrived; undefined where they are not all there: see {@link more}. */
  block(count: number): Buffer | undefined {
    if (this.#chunk.length - this.#at < count) return undefined;
    const block = this.#chunk.subarray(this.#at, this.#at + count);
    this.#at += count;
    return block;
  }

  /** Until what follows is at least `least` bytes. @throws MemcachedError */
  async more(least = 0): Promise<void> {
    const rest = this.#chunk.subarray(this.#at);
    if (least === 0 && rest.length > LINE_LIMIT) {
      throw new MemcachedError('protocol', `the server sent a line longer than ${LINE_LIMIT} bytes`);
    }
    const parts: Buffer[] = rest.length === 0 ? [] : [rest];
    let size = rest.length;
    do {
      const part = await this.#answer.next();
      parts.push(part);
      size += part.length;
    } while (size < least);
    this.#chunk = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.#at = 0;
  }

  /** What has arrived after the answer is the next one's. */
  end(): void {
    this.#answer.unread(this.#chunk.subarray(this.#at));
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
  }
}
