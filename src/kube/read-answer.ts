import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BeyondLimit } from '../model/json/limits.ts';
import type { HttpReply, HttpRequest } from './transport.ts';

/** An answer whose body is still to come. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

/**
 * Reads the body, decompressed, into the reply, or hands it over where the request wants that.
 * @throws BeyondLimit for more bytes than the request takes; the error of the connection.
 */
export async function readAnswer(
  { status, headers, body }: Answer,
  { maximum, onBody }: HttpRequest,
): Promise<HttpReply> {
  const isSuccess = status >= 200 && status <= 299;
  const chunks: Buffer[] = [];
  const take = isSuccess && onBody !== undefined ? onBody() : (bytes: Buffer) => void chunks.push(bytes);
  try {
    await handOver({ status, headers, body }, atMost(maximum, take));
  } catch (error) {
    body.destroy();
    throw error;
  }
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') };
}

function atMost(maximum: number, take: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let taken = 0;
  return (bytes) => {
    taken += bytes.length;
    if (taken > maximum) throw new BeyondLimit(`the answer has more than ${maximum} bytes`);
    take(bytes);
  };
}

async function handOver({ headers, body }: Answer, take: (bytes: Buffer) => void): Promise<void> {
  if (headers['content-encoding'] !== 'gzip') {
    for await (const bytes of body) take(bytes as Buffer);
    return;
  }
  const { pipeline } = await import('node:stream/promises');
  await pipeline(body, createGunzip(), async (unpacked: AsyncIterable<Buffer>) => {
    for await (const bytes of unpacked) take(bytes);
  });
}
