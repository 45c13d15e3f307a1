import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of the two lengths that a message begins with (src/store/pvc/wire/frames.ts). */
const LENGTHS_BYTES = 8;

/** A message on its way, and what becomes of it. */
export interface SeenFrame {
  /** From the client, or to it. */
  from: 'client' | 'server';
  /** Among all since the last {@link FrameProxy.reset}, from 1. */
  number: number;
}
export type FrameVerdict = 'pass' | 'cut before' | 'cut within' | { delayMs: number };

/** Stands between a client and the server of a claim, and cuts the connection at the message it is told to. */
export class FrameProxy {
  judge: (seen: SeenFrame) => FrameVerdict = () => 'pass';
  #count = 0;
  readonly #upstream: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(upstream: number) {
    this.#upstream = upstream;
    this.#server = createServer({ noDelay: true }, (client) => this.#relay(client));
  }

  /** @param upstream the server's port on 127.0.0.1. */
  static async start(upstream: number): Promise<FrameProxy> {
    const proxy = new FrameProxy(upstream);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get count(): number {
    return this.#count;
  }

  reset(judge: FrameProxy['judge'] = () => 'pass'): void {
    this.#count = 0;
    this.judge = judge;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket): void {
    const server = connect({ port: this.#upstream, host: '127.0.0.1', noDelay: true });
    const both = [client, server];
    for (const socket of both) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        for (const other of both) other.destroy();
      });
    }
    void this.#pass(client, server, 'client');
    void this.#pass(server, client, 'server');
  }

  async #pass(from: Socket, to: Socket, who: SeenFrame['from']): Promise<void> {
    let waiting = Buffer.alloc(0);
    try {
      for await (const chunk of from) {
        waiting = Buffer.concat([waiting, chunk as Buffer]);
        for (let frame = frameIn(waiting); frame !== undefined; frame = frameIn(waiting)) {
          waiting = waiting.subarray(frame.length);
          const verdict = this.judge({ from: who, number: ++this.#count });
          if (verdict === 'cut before') return void from.destroy();
          if (verdict === 'cut within') {
            to.write(frame.subarray(0, frame.length >> 1), () => from.destroy());
            return;
          }
          if (typeof verdict === 'object') await sleep(verdict.delayMs);
          to.write(frame);
        }
      }
    } catch {
      // The other end is gone, which closes both.
    }
  }
}

function frameIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length < LENGTHS_BYTES) return undefined;
  const length = LENGTHS_BYTES + bytes.readUInt32BE(0) + bytes.readUInt32BE(4);
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}
