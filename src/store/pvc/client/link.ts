import type { Duplex } from 'node:stream';
import { isObject, numberAt, valueAt } from '../../../model/json/json.ts';
import { ANSWER_HEADER_BYTES, BadFrame, encodeFrame, type Frame, framesOf } from '../wire/frames.ts';
import { HELLO, type Op, PROTOCOL } from '../wire/protocol.ts';
import { readWireError } from '../wire/wire-error.ts';

/** Something is heard of the other end at least so often, milliseconds: proxies cut connections that are silent. */
const PING_MS = 15_000;

/** Silence after which it counts as gone. A disk may be slow, but a ping waits for no disk. */
const SILENCE_MS = 40_000;

/** The connection to the server ended, or what it said made no sense: nobody knows what became of what was asked. */
export class LinkLost extends Error {
  /** What was asked had not been sent: it was not done. */
  readonly unsent: boolean;

  constructor(message: string, { cause, unsent = false }: { cause?: unknown; unsent?: boolean } = {}) {
    super(message, { cause });
    this.unsent = unsent;
  }
}

/** The server is of another version of this tool. */
export class OtherProtocol extends Error {}

interface Pending {
  onAnswer: (answer: Frame) => void;
  fail: (error: Error) => void;
}

/** One connection to the server in the claim's pod. Requests may be under way at once. */
export class Link {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #lost: LinkLost | undefined;
  #heardAt = performance.now();
  #pings: NodeJS.Timeout | undefined;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('error', () => {});
    void this.#listen();
  }

  /**
   * Shows the token, and agrees on the protocol.
   * @throws LinkLost where the other end does not answer, OtherProtocol; the stream is destroyed then.
   */
  static async over(stream: Duplex, token: Buffer): Promise<Link> {
    const link = new Link(stream);
    try {
      const { header } = await link.#ask({ op: HELLO, protocol: PROTOCOL, token: token.toString('hex') });
      const protocol = valueAt(header, 'protocol');
      if (protocol !== PROTOCOL)
        throw new OtherProtocol(`it speaks protocol ${JSON.stringify(protocol)}, this tool ${PROTOCOL}`);
    } catch (error) {
      link.close();
      throw error;
    }
    link.#pings = setInterval(() => link.#ping(), PING_MS);
    link.#pings.unref();
    return link;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** @throws what the server says (see readWireError); LinkLost. */
  request(op: Op, header: object = {}, body?: Uint8Array): Promise<Frame> {
    return this.#ask({ ...header, op }, body);
  }

  /**
   * A request with several answers.
   * @param onAnswer must not throw.
   */
  async requestMany(op: Op, header: object, onAnswer: (answer: Frame) => void): Promise<void> {
    await this.#ask({ ...header, op }, undefined, onAnswer);
  }

  close(): void {
    this.#lose(new LinkLost('the connection was closed', { unsent: true }));
  }

  #ask(header: object, body?: Uint8Array, onMore?: (answer: Frame) => void): Promise<Frame> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(new LinkLost(this.#lost.message, { cause: this.#lost.cause, unsent: true }));
        return;
      }
      this.#pending.set(id, {
        fail: reject,
        onAnswer: (answer) => {
          if (valueAt(answer.header, 'more') === true && onMore !== undefined) {
            onMore(answer);
            return;
          }
          this.#pending.delete(id);
          const { error } = answer.header;
          if (isObject(error)) reject(readWireError(error));
          else resolve(answer);
        },
      });
      for (const piece of encodeFrame({ id, ...header }, body)) this.#stream.write(piece);
    });
  }

  /** Never throws: the end of the stream, whatever its cause, is told to all who wait. */
  async #listen(): Promise<void> {
    try {
      for await (const frame of framesOf(this.#stream, ANSWER_HEADER_BYTES)) {
        this.#heardAt = performance.now();
        const pending = this.#pending.get(numberAt(frame.header, 'id') ?? 0);
        if (pending === undefined) throw new BadFrame('an answer to nothing that was asked');
        pending.onAnswer(frame);
      }
      this.#lose(new LinkLost('the connection ended'));
    } catch (cause) {
      this.#lose(new LinkLost((cause as Error).message, { cause }));
    }
  }

  #ping(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      this.#lose(new LinkLost(`nothing was heard of it for ${SILENCE_MS / 1000} s`));
      return;
    }
    this.request('ping').catch(() => {});
  }

  #lose(lost: LinkLost): void {
    if (this.#lost !== undefined) return;
    this.#lost = lost;
    clearInterval(this.#pings);
    for (const { fail } of this.#pending.values()) fail(lost);
    this.#pending.clear();
    this.#stream.destroy();
  }
}
