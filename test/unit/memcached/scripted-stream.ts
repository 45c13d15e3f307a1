import { Duplex } from 'node:stream';

/** The two ends of a connection in memory: what the client reads and writes, and the test's hand on it. */
export interface Scripted {
  stream: Duplex;
  /** Everything the client wrote so far. */
  written(): string;
  /** Bytes from the server; `null` ends its side. */
  reply(...parts: (string | null)[]): void;
}

/**
 * @param answer called with each write of the client; returns what the server answers, packet by packet.
 */
export function scripted(
  answer: (written: string) => string | string[] | undefined = () => undefined,
): Scripted {
  let written = '';
  const reply = (...parts: (string | null)[]) => {
    for (const part of parts) stream.push(part === null ? null : Buffer.from(part, 'latin1'));
  };
  const stream = new Duplex({
    allowHalfOpen: false,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString('latin1');
      const packets = [answer(chunk.toString('latin1')) ?? []].flat();
      // Later and one by one, as a network would.
      for (const packet of packets) setImmediate(() => reply(packet));
      done();
    },
  });
  return { stream, written: () => written, reply };
}
