import type { Readable } from 'node:stream';
import { isObject, type JsonObject } from '../../../model/json/json.ts';
import { MAX_FILE_BYTES } from '../../format/layout.ts';

/**
 * One message between a client and the server in the claim's pod: a JSON object, and bytes that it is about. On the wire
 * two lengths come first, four bytes each, big-endian: that of the JSON's text, and that of the bytes.
 */
export interface Frame {
  header: JsonObject;
  body: Buffer;
}

const LENGTHS_BYTES = 8;

/** What a request says: an address, a path. */
export const REQUEST_HEADER_BYTES = 64 * 1024;

/** What an answer says: the names of all files of a backup, some fifty thousand at the most. */
export const ANSWER_HEADER_BYTES = 16 * 1024 * 1024;

/** The bytes of one file; of a backup in a listing, the few that a listing reads. */
const MAX_BODY_BYTES = MAX_FILE_BYTES;

/** What came is no frame, or a larger one than anybody needs. */
export class BadFrame extends Error {}

/** Bodies below this are copied, so that all of a message goes out at once: many small writes wait for each other (Nagle). */
const COPIED_BYTES = 64 * 1024;

/** A message, in the pieces that are written one after the other. */
export function encodeFrame(header: object, body: Uint8Array = Buffer.alloc(0)): Buffer[] {
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  if (body.length <= COPIED_BYTES) return [Buffer.concat([lengths, text, body])];
  return [Buffer.concat([lengths, text]), Buffer.from(body.buffer, body.byteOffset, body.length)];
}

/**
 * The frames of a stream, one after the other; the stream is destroyed where whoever reads them stops.
 * @param maxHeaderBytes larger headers are refused before they are read.
 * @throws BadFrame; what destroyed the stream.
 */
export async function* framesOf(stream: Readable, maxHeaderBytes: number): AsyncGenerator<Frame, void> {
  const waiting = new Chunks();
  let lengths: { header: number; body: number } | undefined;
  for await (const chunk of stream) {
    waiting.add(chunk as Buffer);
    for (;;) {
      if (lengths === undefined) {
        const prefix = waiting.take(LENGTHS_BYTES);
        if (prefix === undefined) break;
        lengths = { header: prefix.readUInt32BE(0), body: prefix.readUInt32BE(4) };
        if (lengths.header > maxHeaderBytes || lengths.body > MAX_BODY_BYTES)
          throw new BadFrame(`a message of ${lengths.header} and ${lengths.body} bytes is too large`);
      }
      const whole = waiting.take(lengths.header + lengths.body);
      if (whole === undefined) break;
      yield { header: parseHeader(whole.subarray(0, lengths.header)), body: whole.subarray(lengths.header) };
      lengths = undefined;
    }
  }
  if (lengths !== undefined || waiting.bytes > 0)
    throw new BadFrame('the connection ended in the middle of a message');
}

function parseHeader(text: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(text.toString());
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new BadFrame('a message is not JSON');
}

/** Bytes as they came, put together when they are wanted: never more memory than what has come. */
class Chunks {
  #chunks: Buffer[] = [];
  bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** The next `count` bytes; undefined where they are not all there. */
  take(count: number): Buffer | undefined {
    if (this.bytes < count) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = all.length === count ? [] : [all.subarray(count)];
    this.bytes -= count;
    return all.subarray(0, count);
  }
}
