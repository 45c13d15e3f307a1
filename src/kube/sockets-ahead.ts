import type { Agent } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { DirectTls } from './agent.ts';
import { LONGEST_IDLE_MS } from './transport.ts';

interface Ahead {
  socket: TLSSocket;
  since: number;
}

/**
 * Connections of HTTP/1.1 that are opened before anybody asks for them: a request, or a WebSocket, that needs a new one takes one
 * of these. They resume a TLS session where one is there, which spares both sides most of the handshake. It is
 * used for all of them, by which an onlooker can tell that they belong together (RFC 8446, section C.4): as their addresses do.
 */
export class SocketsAhead {
  readonly #direct: DirectTls;
  readonly #agent: Agent;
  #ahead: Ahead[] = [];
  #isClosed = false;

  constructor(direct: DirectTls, agent: Agent) {
    this.#direct = direct;
    this.#agent = agent;
  }

  /** @param session of another connection to the same server, by the same credentials; undefined: a whole handshake each. */
  async open(count: number, session: Buffer | undefined): Promise<void> {
    const { connect } = await import('node:tls');
    if (this.#isClosed) return;
    const resumed = session === undefined ? {} : { session };
    for (let opened = 0; opened < count; opened++)
      this.add(connect({ ...this.#direct, ...resumed, ALPNProtocols: ['http/1.1'] }));
  }

  /** @param socket over which HTTP/1.1 is, or will be, agreed on. */
  add(socket: TLSSocket): void {
    // Until it is taken; whoever takes it listens too. One that failed is not taken: what is wrong, another connection meets.
    socket.on('error', () => {});
    if (this.#ahead.length === 0) this.#giveOut();
    this.#ahead.push({ socket, since: performance.now() });
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#ahead.splice(0)) socket.destroy();
  }

  /** The agent's next connections are these. */
  #giveOut(): void {
    const agent = this.#agent;
    const { createConnection } = agent;
    agent.createConnection = (...args) => {
      const socket = this.#take();
      if (this.#ahead.length === 0) agent.createConnection = createConnection;
      return socket ?? createConnection.apply(agent, args);
    };
  }

  #take(): TLSSocket | undefined {
    for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.shift()) {
      const { socket, since } = next;
      if (!socket.destroyed && performance.now() - since < LONGEST_IDLE_MS) return socket;
      socket.destroy();
    }
    return undefined;
  }
}
