import type { Duplex } from 'node:stream';
import { MAX_MEMCACHED_ANSWER } from '../model/json/limits.ts';
import { MemcachedError } from './memcached-error.ts';

/** Far longer than any line memcached sends: keys end at 250 bytes, paths in settings at 4096. */
const LINE_LIMIT = 16 * 1024;

/** When an answer must be complete: a moment on performance.now()'s clock. */
export type Deadline = number;

/**
 * Pulls lines and blocks out of a stream, however its packets are cut. One read at a time. Nothing is read
 * ahead of what is asked for beyond the stream's own buffer, so that back-pressure works.
 */
export class TextReader {
  readonly #stream: Duplex;
  #buffered: Buffer = Buffer.alloc(0);
  /** Of the answer that is read. */
  #taken = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // The stream keeps its error in `errored`; unheard, the event would end the process.
    stream.on('error', () => {});
  }

  /** What comes next is another answer: how much may be read of one begins anew. */
  beginAnswer(): void {
    this.#taken = 0;
  }

  /**
   * The next line without its end ("\r\n", or the bare "\n" of some dumps).
   * @throws MemcachedError "silent" at the deadline, "refused" where the stream ended, "protocol" for a line
   * without an end, and for an answer without one.
   */
  async line(deadline: Deadline): Promise<string> {
    let searched = 0;
    for (;;) {
      const end = this.#buffered.indexOf(0x0a, searched);
      if (end >= 0) {
        const line = this.#take(end + 1, deadline).subarray(0, end);
        return (line.at(-1) === 0x0d ? line.subarray(0, -1) : line).toString('utf8');
      }
      if (this.#buffered.length > LINE_LIMIT) {
        throw new MemcachedError('protocol', `the server sent a line longer than ${LINE_LIMIT} bytes`);
      }
      searched = this.#buffered.length;
      await this.#more(deadline);
    }
  }

  /**
   * The next `count` bytes.
   * @throws MemcachedError as {@link line} does.
   */
  async bytes(count: number, deadline: Deadline): Promise<Buffer> {
    if (count > MAX_MEMCACHED_ANSWER) {
      throw new MemcachedError('protocol', `the server announced a block of ${count} bytes`);
    }
    while (this.#buffered.length < count) await this.#more(deadline);
    return this.#take(count, deadline);
  }

  /**
   * What has arrived, or what arrives next, however much it is: for answers that are taken apart as they come and that may be
   * longer than what is read at one go. Whoever takes it gives back, by {@link unread}, what belongs to the next answer.
   * @throws MemcachedError as {@link line} does, but "protocol".
   */
  async chunk(deadline: Deadline): Promise<Buffer> {
    if (this.#buffered.length === 0) await this.#more(deadline);
    const taken = this.#buffered;
    this.#buffered = Buffer.alloc(0);
    return taken;
  }

  /** Puts back what is not of the answer that a {@link chunk} was taken for. */
  unread(rest: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? rest : Buffer.concat([rest, this.#buffered]);
  }

  /** What is there is no more to be had after the deadline: a server that never stops is never waited for. */
  #take(count: number, deadline: Deadline): Buffer {
    this.#taken += count;
    if (this.#taken > MAX_MEMCACHED_ANSWER) {
      throw new MemcachedError('protocol', `the server sent more than ${MAX_MEMCACHED_ANSWER} bytes`);
    }
    if (performance.now() > deadline) {
      throw new MemcachedError('silent', 'the server did not end its answer in time');
    }
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  /** Adds what the stream has next to the buffer. */
  async #more(deadline: Deadline): Promise<void> {
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk !== null) {
        this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
        return;
      }
      if (this.#stream.destroyed || this.#stream.readableEnded) throw this.#ended();
      await this.#readable(deadline);
    }
  }

  #ended(): MemcachedError {
    const cause = this.#stream.errored;
    if (cause === null) return new MemcachedError('refused', 'the server closed the connection');
    return new MemcachedError('refused', cause.message, { cause });
  }

  /** Until the stream has something to say: bytes, its end, an error. */
  async #readable(deadline: Deadline): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const left = deadline - performance.now();
    const timer = setTimeout(
      () => reject(new MemcachedError('silent', 'the server did not answer in time')),
      Math.max(0, left),
    );
    const events = ['readable', 'end', 'close', 'error'] as const;
    for (const event of events) this.#stream.once(event, resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      for (const event of events) this.#stream.off(event, resolve);
    }
  }
}
