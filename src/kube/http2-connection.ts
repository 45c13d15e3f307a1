import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { certificateOf } from './http1-transport.ts';
import { readAnswer } from './read-answer.ts';
import { bodyAndHeaders, type HttpReply, type HttpRequest, withinItsTime } from './transport.ts';

/**
 * Bytes that may be under way to us, of one answer and of all together. HTTP/2's own 64 KiB stand still for a round trip
 * again and again while a list of Helm's records arrives.
 */
const WINDOW = 16 * 1024 * 1024;
/** Of what waits to be read and sent, MB; Node's 10 would refuse requests while lists wait in that window. */
const SESSION_MEMORY_MB = 1024;
/** How long a connection may be silent while an answer is awaited, milliseconds. */
export interface Patience {
  /** Until the server is asked for a sign of life. */
  silence: number;
  /** Until it is given up without one. */
  signOfLife: number;
}

/** As client-go has them (golang.org/x/net/http2, ReadIdleTimeout and PingTimeout). */
export const PATIENCE: Patience = { silence: 30_000, signOfLife: 15_000 };

/** The server did nothing about the request: it may be sent again, whatever it is (RFC 9113, section 8.7). */
export class NotTaken extends Error {
  /** Where it is not sent again here, it is as a connection that broke. */
  readonly code = 'ECONNRESET';
}
/** The server wants HTTP/1.1 for this. */
export class WantsHttp1 extends Error {}

/** RST_STREAM's codes that matter here (RFC 9113, section 7). */
interface Codes {
  refused: number;
  http1: number;
  cancel: number;
}

/** One connection to the server, over which requests go side by side. */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #codes: Codes;
  #failure: Error | undefined;
  #open = 0;
  #lastUse = performance.now();

  private constructor(
    session: ClientHttp2Session,
    socket: TLSSocket,
    { codes, patience }: { codes: Codes; patience: Patience },
  ) {
    this.#session = session;
    this.#socket = socket;
    this.#codes = codes;
    session.on('error', (error: Error) => {
      this.#failure ??= error;
    });
    session.setTimeout(patience.silence);
    session.on('timeout', () => this.#askForLife(patience.signOfLife));
    session.unref();
  }

  /** @param socket open, with "h2" agreed on: at once, for until then nobody hears of its errors. */
  static over(
    socket: TLSSocket,
    server: string,
    { http2: { connect, constants }, patience }: { http2: typeof import('node:http2'); patience: Patience },
  ): Http2Connection {
    const session = connect(new URL(server).origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: WINDOW },
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    session.once('connect', () => session.setLocalWindowSize(WINDOW));
    const codes = {
      refused: constants.NGHTTP2_REFUSED_STREAM,
      http1: constants.NGHTTP2_HTTP_1_1_REQUIRED,
      cancel: constants.NGHTTP2_CANCEL,
    };
    return new Http2Connection(session, socket, { codes, patience });
  }

  /** Whether another request may be sent over it. */
  get isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Milliseconds since the last answer; 0 while one is awaited. */
  get idleMs(): number {
    return this.#open > 0 ? 0 : performance.now() - this.#lastUse;
  }

  /** @throws NotTaken; WantsHttp1; an error of the connection, ECONNRESET where it broke; as every transport. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const { pathname, search } = new URL(request.url);
    const { body, headers } = bodyAndHeaders(request);
    let stream: ClientHttp2Stream;
    try {
      const pseudo = { ':method': request.method, ':path': pathname + search };
      stream = this.#session.request({ ...pseudo, ...headers }, { endStream: body === undefined });
    } catch (cause) {
      throw new NotTaken('the connection takes no further requests', { cause });
    }
    if (this.#open++ === 0) this.#session.ref();
    const stop = (): void => stream.close(this.#codes.cancel);
    try {
      if (body !== undefined) stream.end(body);
      return await withinItsTime(request, stop, this.#read(stream, request));
    } finally {
      this.#lastUse = performance.now();
      if (--this.#open === 0) this.#session.unref();
    }
  }

  close(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  async #read(stream: ClientHttp2Stream, request: HttpRequest): Promise<HttpReply> {
    const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
    stream.on('response', resolve);
    stream.on('error', reject);
    // Also without an error: the server may end a stream, or the connection, in good order and without an answer.
    stream.on('close', () => reject(new Error('the stream ended')));
    try {
      const { ':status': status, ...headers } = (await answered) as IncomingHttpHeaders & {
        ':status'?: number;
      };
      const certificate = request.wantsCertificate === true ? certificateOf(this.#socket) : {};
      const reply = await readAnswer({ status: status ?? 0, headers, body: stream }, request);
      // Iterating ends without an error where the connection broke: what came looks whole.
      if (!stream.readableEnded) throw new Error('the stream broke');
      return { ...reply, ...certificate };
    } catch (error) {
      throw this.#explained(error, stream);
    }
  }

  #explained(error: unknown, stream: ClientHttp2Stream): unknown {
    const { refused, http1 } = this.#codes;
    if (stream.rstCode === refused)
      return new NotTaken('the server did not take the request', { cause: error });
    if (stream.rstCode === http1) return new WantsHttp1('the server wants HTTP/1.1', { cause: error });
    if (this.#failure !== undefined) return this.#failure;
    const isOfStream =
      error instanceof Error &&
      (/^ERR_HTTP2|^ERR_STREAM/.test((error as NodeJS.ErrnoException).code ?? '') ||
        /^the stream /.test(error.message));
    if (!isOfStream) return error;
    return Object.assign(new Error('the connection broke before the answer was complete', { cause: error }), {
      code: 'ECONNRESET',
    });
  }

  #askForLife(withinMs: number): void {
    if (this.#open === 0 || !this.isUsable) return;
    const timer = setTimeout(() => {
      const error = Object.assign(new Error('the server has gone silent'), { code: 'ETIMEDOUT' });
      this.#failure ??= error;
      this.#session.destroy(error);
    }, withinMs);
    this.#session.ping(() => clearTimeout(timer));
  }
}
