import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { signAdHoc } from '../../../scripts/build/macho-signature.ts';

const TEXT_SIZE = 16384;
const FILE_SIZE = TEXT_SIZE + 5000;

interface Parts {
  magic?: number;
  /** Where the first section lies: what is before it is free for load commands. */
  sectionAt?: number;
  signed?: boolean;
}

/** A program of two segments: __TEXT with one section, and __LINKEDIT, which ends with the file at an odd place. */
function macho({ magic = 0xfeedfacf, sectionAt = 1024, signed = false }: Parts = {}): Buffer {
  const file = Buffer.alloc(FILE_SIZE, 'code');
  file.fill(0, 0, sectionAt);
  const sizes = [72 + 80, 72, ...(signed ? [16] : [])];
  file.writeUInt32LE(magic, 0);
  file.writeUInt32LE(sizes.length, 16);
  file.writeUInt32LE(
    sizes.reduce((sum, size) => sum + size, 0),
    20,
  );
  const segment = (at: number, name: string, [offset, size]: number[], sections: number): void => {
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(72 + 80 * sections, at + 4);
    file.write(name, at + 8, 'latin1');
    file.writeBigUInt64LE(BigInt(offset!), at + 40);
    file.writeBigUInt64LE(BigInt(size!), at + 48);
    file.writeUInt32LE(sections, at + 64);
  };
  segment(32, '__TEXT', [0, TEXT_SIZE], 1);
  file.writeUInt32LE(sectionAt, 32 + 72 + 48);
  segment(184, '__LINKEDIT', [TEXT_SIZE, FILE_SIZE - TEXT_SIZE], 0);
  if (signed) {
    file.writeUInt32LE(0x1d, 256);
    file.writeUInt32LE(16, 260);
  }
  return file;
}

test('the load command says where the signature is, and the last segment reaches to its end', () => {
  const before = macho();
  const file = signAdHoc(before, 'tool');
  assert.deepEqual([file.readUInt32LE(16), file.readUInt32LE(20)], [3, 152 + 72 + 16]);
  const [kind, size, offset, length] = [256, 260, 264, 268].map((at) => file.readUInt32LE(at));
  assert.deepEqual([kind, size], [0x1d, 16]);
  assert.equal(offset! % 16, 0);
  assert.equal(offset! + length!, file.length);
  assert.equal(file.readBigUInt64LE(184 + 48), BigInt(file.length - TEXT_SIZE), 'size in the file');
  const inMemory = file.readBigUInt64LE(184 + 32);
  assert.ok(inMemory % 16384n === 0n && inMemory >= BigInt(file.length - TEXT_SIZE));
  assert.deepEqual(file.subarray(272, FILE_SIZE), before.subarray(272), 'nothing moved');
  assert.deepEqual(before, macho(), 'what was given is as it was');
});

test('each page of the file is hashed, and the requirements, as they end up', () => {
  const file = signAdHoc(macho(), 'tool');
  const signature = file.subarray(file.readUInt32LE(264));
  assert.equal(signature.readUInt32BE(0), 0xfade0cc0);
  assert.equal(signature.readUInt32BE(8), 2);
  const directory = signature.subarray(signature.readUInt32BE(16));
  const requirements = signature.subarray(signature.readUInt32BE(24), signature.readUInt32BE(24) + 12);
  assert.equal(directory.readUInt32BE(0), 0xfade0c02);
  assert.equal(requirements.toString('hex'), 'fade0c010000000c00000000');
  const codeLimit = directory.readUInt32BE(32);
  assert.equal(codeLimit, file.readUInt32LE(264), 'all that is before the signature');
  const identifier = directory.readUInt32BE(20);
  assert.equal(directory.toString('latin1', identifier, identifier + 5), 'tool\0');
  assert.equal(directory.readUInt32BE(12), 2, 'ad hoc');
  assert.deepEqual([...directory.subarray(36, 40)], [32, 2, 0, 12], 'SHA-256, of pages of 4 KiB');
  assert.equal(directory.readBigUInt64BE(72), BigInt(TEXT_SIZE));
  const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  const hashes = directory.readUInt32BE(16);
  const hash = (slot: number): string =>
    directory.toString('hex', hashes + 32 * slot, hashes + 32 * (slot + 1));
  const pages = Math.ceil(codeLimit / 4096);
  assert.equal(directory.readUInt32BE(28), pages);
  for (let page = 0; page < pages; page++)
    assert.equal(hash(page), sha(file.subarray(4096 * page, Math.min(4096 * (page + 1), codeLimit))));
  assert.equal(hash(-2), sha(requirements));
  assert.equal(hash(-1), '00'.repeat(32));
  assert.equal(directory.readUInt32BE(4), hashes + 32 * pages, 'the directory ends with the last hash');
});

test('what is no such program, is signed, or has no room is refused', () => {
  assert.throws(() => signAdHoc(macho({ magic: 0xcafebabe }), 'tool'), /not a thin 64-bit Mach-O/);
  assert.throws(() => signAdHoc(macho({ signed: true }), 'tool'), /has a signature already/);
  assert.throws(() => signAdHoc(macho({ sectionAt: 264 }), 'tool'), /no room for the load command/);
});
