import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peChecksum, withoutSignature } from '../../../scripts/build/pe-signature.ts';

const HEADER = 0x80;
const OPTIONAL = HEADER + 24;
const CHECKSUM = OPTIONAL + 64;
const CERTIFICATES = OPTIONAL + 112 + 32;
const PROGRAM_SIZE = 1000;

/** A program that is all code behind its headers, and its certificates. */
function pe({ certificates = 0, behind = 0, kind = 0x20b } = {}): Buffer {
  const file = Buffer.alloc(PROGRAM_SIZE + certificates + behind, 0xc3);
  file.fill(0, 0, 600);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(HEADER, 0x3c);
  file.write('PE\0\0', HEADER, 'latin1');
  file.writeUInt16LE(kind, OPTIONAL);
  if (certificates > 0) {
    file.writeUInt32LE(PROGRAM_SIZE, CERTIFICATES);
    file.writeUInt32LE(certificates, CERTIFICATES + 4);
  }
  file.writeUInt32LE(0x12345678, CHECKSUM);
  return file;
}

test('the certificates are gone with their entry, and the checksum is of what is left', () => {
  const signed = pe({ certificates: 200 });
  const bare = withoutSignature(signed);
  assert.equal(bare.length, PROGRAM_SIZE);
  assert.equal(bare.readBigUInt64LE(CERTIFICATES), 0n);
  const checksum = bare.readUInt32LE(CHECKSUM);
  assert.notEqual(checksum, 0x12345678);
  assert.equal(checksum, peChecksum(bare, CHECKSUM));
  const restored = Buffer.from(bare);
  signed.copy(restored, CHECKSUM, CHECKSUM, CHECKSUM + 4);
  signed.copy(restored, CERTIFICATES, CERTIFICATES, CERTIFICATES + 8);
  assert.deepEqual(restored, signed.subarray(0, PROGRAM_SIZE), 'nothing else changed');
  assert.deepEqual(signed, pe({ certificates: 200 }), 'what was given is as it was');
});

test('the checksum is the sum of all words with their carries, and the length', () => {
  const file = Buffer.from([0xff, 0xff, 0x02, 0x00, 0xaa, 0xaa, 0xaa, 0xaa, 0x05]);
  // 0xffff + 2 + 5 = 0x10006, of which the carry is added: 7.
  assert.equal(peChecksum(file, 4), 7 + 9);
});

test('a program without certificates stays as it is', () => {
  assert.deepEqual(withoutSignature(pe()), pe());
});

test('what is no such program, or goes on behind its certificates, is refused', () => {
  assert.throws(() => withoutSignature(Buffer.alloc(1000)), /not a 64-bit Windows program/);
  assert.throws(() => withoutSignature(pe({ kind: 0x10b })), /not a 64-bit Windows program/);
  assert.throws(
    () => withoutSignature(pe({ certificates: 200, behind: 8 })),
    /its signature is not the end of it/,
  );
});
