import { once } from 'node:events';
import type { Agent } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { DirectTls } from './agent.ts';
import { http1Transport } from './http1-transport.ts';
import { Http2Connection, NotTaken, PATIENCE, type Patience, WantsHttp1 } from './http2-connection.ts';
import { SocketsAhead } from './sockets-ahead.ts';
import {
  GivenUpError,
  type HttpReply,
  type HttpRequest,
  LONGEST_IDLE_MS,
  type Transport,
  withinItsTime,
} from './transport.ts';

/** A ticket comes a round trip after the handshake. Of a server that is farther away, milliseconds, a whole handshake is sooner done. */
export const TICKET_MS = 10;
/** How often one request is sent, where it was not taken. */
const ATTEMPTS = 3;

/**
 * HTTP/2 over one connection where the server offers it, as the API server does: sixteen connections of HTTP/1.1 cost as many
 * handshakes, on both sides. HTTP/1.1 over the agent where it does not.
 */
export class NegotiatedTransport implements Transport {
  readonly #server: string;
  readonly #direct: DirectTls;
  readonly #http1: Transport;
  readonly #patience: Patience;
  #negotiated: Promise<Http2Connection | Transport> | undefined;
  #connecting: TLSSocket | undefined;
  /** Over which answers are awaited, and nothing is sent any more. */
  readonly #retired: Http2Connection[] = [];
  /** The requests that wait for it. */
  readonly #waiting = new Set<AbortSignal>();
  readonly #ahead: SocketsAhead;
  readonly #reached = Promise.withResolvers<void>();
  /** What another connection may resume; undefined where it is not worth the wait. */
  readonly #session = Promise.withResolvers<Buffer | undefined>();

  constructor(server: string, direct: DirectTls, agent: Agent, patience: Patience = PATIENCE) {
    this.#patience = patience;
    this.#server = server;
    this.#direct = direct;
    this.#ahead = new SocketsAhead(direct, agent);
    this.#http1 = http1Transport(agent);
  }

  async send(request: HttpRequest): Promise<HttpReply> {
    // One time for all of it: connecting, and every attempt.
    const ended = new AbortController();
    const stop = (error: Error): void => {
      ended.abort();
      // Others may have more time to wait for the connection.
      if (this.#waiting.delete(ended.signal) && this.#waiting.size === 0) this.#connecting?.destroy(error);
    };
    return withinItsTime(request, stop, this.#attempts({ ...request, signal: ended.signal }));
  }

  async #attempts({ timeoutMs: _, ...request }: HttpRequest & { signal: AbortSignal }): Promise<HttpReply> {
    for (let attempt = 1; ; attempt++) {
      this.#waiting.add(request.signal);
      const way = await this.#way().finally(() => this.#waiting.delete(request.signal));
      if (request.signal.aborted) throw new GivenUpError();
      try {
        return await way.send({ ...request, timeoutMs: undefined });
      } catch (error) {
        if (error instanceof WantsHttp1) this.#negotiated = Promise.resolve(this.#http1);
        else if (!(error instanceof NotTaken) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  close(): void {
    this.#connecting?.destroy(new Error('closed'));
    for (const connection of this.#retired) connection.close();
    this.#ahead.close();
    this.#negotiated?.then(
      (way) => way.close(),
      () => {},
    );
    this.#http1.close();
  }

  /** Opens the connection ahead of the first request, which meets what goes wrong. @returns when the handshake has begun. */
  async connect(): Promise<void> {
    await Promise.race([this.#reached.promise, this.#way().catch(() => {})]);
  }

  /**
   * Opens connections of HTTP/1.1 ahead of whoever will need them, once HTTP/2 is spoken and the server has given a ticket:
   * until then both sides have other things to do. One that is far away is not waited for.
   */
  async connectAhead(count: number): Promise<void> {
    const session = await this.#session.promise;
    if ((await this.#negotiated) instanceof Http2Connection) await this.#ahead.open(count, session);
  }

  /** What the next request is sent over. */
  async #way(): Promise<Http2Connection | Transport> {
    const known = this.#negotiated;
    if (known !== undefined) {
      const way = await known;
      if (!(way instanceof Http2Connection) || (way.isUsable && way.idleMs < LONGEST_IDLE_MS)) return way;
      // Requests that find it stale together share the next one.
      if (this.#negotiated !== known) return this.#way();
      this.#retire(way);
    }
    const next = this.#negotiate();
    this.#negotiated = next;
    next.catch(() => {
      if (this.#negotiated === next) this.#negotiated = undefined;
    });
    return next;
  }

  /** What it took, the server still answers, though it takes no more. */
  #retire(connection: Http2Connection): void {
    if (connection.idleMs > 0) connection.close();
    else this.#retired.push(connection);
  }

  async #negotiate(): Promise<Http2Connection | Transport> {
    const [{ connect }, http2] = await Promise.all([import('node:tls'), import('node:http2')]);
    const socket = connect({ ...this.#direct, ALPNProtocols: ['h2', 'http/1.1'] });
    this.#connecting = socket;
    socket.once('connect', this.#reached.resolve);
    socket.once('session', this.#session.resolve);
    await once(socket, 'secureConnect');
    this.#connecting = undefined;
    // Of what came by then this process may not have heard yet: that has its turn first.
    const resolve = (): void => void setImmediate(() => this.#session.resolve(undefined));
    setTimeout(resolve, TICKET_MS).unref();
    if (socket.alpnProtocol !== 'h2') {
      this.#ahead.add(socket);
      return this.#http1;
    }
    return Http2Connection.over(socket, this.#server, { http2, patience: this.#patience });
  }
}
