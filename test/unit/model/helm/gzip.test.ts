import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gunzip, gzip } from '../../../../src/model/helm/gzip.ts';

const TEXTS = ['', 'x', '{}'.repeat(50_000), randomBytes(100_000).toString('base64')];

test('a text of any size comes out as it went in, and is compressed as Node does it', () => {
  for (const text of TEXTS) {
    const bytes = gzip(text);
    assert.deepEqual(bytes, gzipSync(text, { level: 9 }));
    assert.equal(gunzip(bytes, 1_000_000).toString(), text);
  }
});

test('a size that is wrong in the bytes is not believed', () => {
  const bytes = gzip(TEXTS[2]!);
  bytes.writeUInt32LE(3, bytes.length - 4);
  assert.throws(() => gunzip(bytes, 1_000_000), { code: 'Z_DATA_ERROR' });
  for (const length of [0, 2, 20]) assert.throws(() => gunzip(bytes.subarray(0, length), 1_000_000));
});

test('more than is to be read is an error, whatever size the bytes name', () => {
  assert.throws(() => gunzip(gzip(TEXTS[2]!), 1000), { code: 'ERR_BUFFER_TOO_LARGE' });
});
