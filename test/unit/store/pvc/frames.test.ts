import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { BadFrame, encodeFrame, type Frame, framesOf } from '../../../../src/store/pvc/wire/frames.ts';

const LIMIT = 1024;

async function read(chunks: Buffer[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of framesOf(Readable.from(chunks), LIMIT)) frames.push(frame);
  return frames;
}

function lengths(header: number, body: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(header, 0);
  bytes.writeUInt32BE(body, 4);
  return bytes;
}

describe('messages on the wire', () => {
  const sent = [
    { header: { id: 1 }, body: Buffer.alloc(0) },
    { header: { id: 2, path: 'ä' }, body: Buffer.from([0, 255, 10]) },
    { header: { id: 3 }, body: Buffer.alloc(70_000, 7) },
  ];
  const bytes = Buffer.concat(sent.flatMap(({ header, body }) => encodeFrame(header, body)));

  for (const size of [1, 8, 9, 4096, bytes.length])
    test(`arrive as they were sent, however they are cut: ${size} bytes at a time`, async () => {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      assert.deepEqual(await read(chunks), sent);
    });

  const wrong: [string, Buffer, RegExp][] = [
    ['a header that is too large, before it arrives', lengths(LIMIT + 1, 0), /too large/],
    ['a body that is too large, before it arrives', lengths(2, 0xffff_ffff), /too large/],
    ['a header that is not JSON', Buffer.concat([lengths(2, 0), Buffer.from('{x')]), /not JSON/],
    ['a header that is no object', Buffer.concat([lengths(2, 0), Buffer.from('[]')]), /not JSON/],
    ['an end in the lengths', Buffer.from([0, 0]), /middle/],
    ['an end in the header', Buffer.concat([lengths(20, 0), Buffer.from('{')]), /middle/],
    ['an end before the body', Buffer.concat([lengths(2, 5), Buffer.from('{}12')]), /middle/],
  ];
  for (const [name, chunk, message] of wrong)
    test(`refuse ${name}`, async () => {
      await assert.rejects(
        read([chunk]),
        (error) => error instanceof BadFrame && message.test(error.message),
      );
    });
});
