import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { kubectl } from '../advice/command.ts';
import { UnreachableError } from '../errors/tool-error.ts';

/** Channels of one forwarded port; each begins with the port's number, two bytes, little-endian. */
const DATA = 0;
const ERROR = 1;
const PREFIX_BYTES = 2;
/** More than the kubelet ever says about a failure. */
const ERROR_LIMIT = 4096;

/**
 * One forwarded TCP connection as a byte stream, in both directions with back-pressure.
 * The error channel's text destroys it; the socket's end ends it; destroying it ends the socket at once.
 */
export class PortForwardStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #name: string;
  readonly #prefixLeft: [number, number] = [PREFIX_BYTES, PREFIX_BYTES];

  /** @param name what is at the other end, for messages: "port 11211 of pod/x in namespace y". */
  constructor(socket: WebSocket, name: string) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#name = name;
    // The kubelet's error may arrive before the caller holds the stream: it stays in `errored`, for the first
    // read or write to meet, instead of ending the process.
    this.on('error', () => {});
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: RawData) => this.#receive(data as Buffer));
    socket.on('close', () => this.push(null));
    socket.on('error', (cause) => {
      // Before the handshake is done the opener reports the error; nobody holds the stream yet.
      if (socket.readyState !== socket.CONNECTING) this.destroy(this.#failure(cause.message, cause));
    });
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      done(this.#failure('the connection is closed'));
      return;
    }
    const frame = Buffer.allocUnsafe(chunk.length + 1);
    frame[0] = DATA;
    chunk.copy(frame, 1);
    this.#socket.send(frame, done);
  }

  /** The protocol has no half-close: the end of writing closes the connection. */
  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  #receive(frame: Buffer): void {
    const channel = frame[0];
    if (channel !== DATA && channel !== ERROR) return;
    const skip = Math.min(this.#prefixLeft[channel], frame.length - 1);
    this.#prefixLeft[channel] -= skip;
    const payload = frame.subarray(1 + skip);
    if (payload.length === 0) return;
    if (channel === ERROR) {
      this.destroy(this.#failure(payload.subarray(0, ERROR_LIMIT).toString('utf8').trim()));
    } else if (!this.push(payload)) {
      this.#socket.pause();
    }
  }

  #failure(why: string, cause?: unknown): UnreachableError {
    return new UnreachableError(`the port-forward to ${this.#name} failed: ${why}`, {
      next: kubectl('get', 'pods', '-o', 'wide'),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
