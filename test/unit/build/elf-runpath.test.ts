import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setRunpathToOrigin } from '../../../scripts/build/elf-runpath.ts';

const PAGE = 4096;
const ADDRESS = 0x400000;
const STRINGS = 0x1e0;
const DYNAMIC = 0x200;
const STRINGS_END = 0x300;

interface Entry {
  tag: number;
  value: number;
}

/** One page: ELF header, two program headers, strings, the dynamic section, then zeros. */
function elf(dynamic: Entry[], filler = 0): Buffer {
  const file = Buffer.alloc(PAGE);
  file.fill(filler, STRINGS_END);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]).copy(file);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (index: number, type: number, offset: number, size: number): void => {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(ADDRESS + offset), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
    file.writeBigUInt64LE(BigInt(size), at + 40);
  };
  segment(0, 1, 0, STRINGS_END);
  segment(1, 2, DYNAMIC, (dynamic.length + 1) * 16);
  for (const [index, { tag, value }] of dynamic.entries()) {
    file.writeBigUInt64LE(BigInt(tag), DYNAMIC + index * 16);
    file.writeBigUInt64LE(BigInt(value), DYNAMIC + index * 16 + 8);
  }
  return file;
}

const STRTAB: Entry = { tag: 5, value: ADDRESS + STRINGS };
const STRSZ: Entry = { tag: 10, value: 0x20 };
const FLAGS: Entry = { tag: 30, value: 8 };
const FLAGS_1: Entry = { tag: 0x6ffffffb, value: 1 };

test('the run path replaces the redundant flags entry and its text is mapped', () => {
  const file = elf([STRTAB, FLAGS, STRSZ, FLAGS_1]);
  setRunpathToOrigin(file);
  const entry = (index: number): [bigint, bigint] => [
    file.readBigUInt64LE(DYNAMIC + index * 16),
    file.readBigUInt64LE(DYNAMIC + index * 16 + 8),
  ];
  const [tag, offset] = entry(1);
  assert.equal(tag, 29n, 'DT_RUNPATH');
  const text = STRINGS + Number(offset);
  assert.equal(file.toString('latin1', text, text + 8), '$ORIGIN\0');
  const segmentSize = Number(file.readBigUInt64LE(64 + 32));
  assert.equal(segmentSize, text + 8, 'the segment covers the text');
  assert.equal(file.readBigUInt64LE(64 + 40), BigInt(segmentSize), 'in memory too');
  assert.equal(entry(2)[1], offset + 8n, 'the string table covers the text');
});

describe('a file that is laid out otherwise is refused, not damaged', () => {
  const cases: [string, Buffer, RegExp][] = [
    ['not ELF', Buffer.alloc(PAGE), /not a 64-bit/],
    ['a run path already', elf([STRTAB, FLAGS, STRSZ, FLAGS_1, { tag: 29, value: 1 }]), /run path already/],
    ['other flags', elf([STRTAB, { tag: 30, value: 12 }, STRSZ, FLAGS_1]), /DT_FLAGS/],
    ['lazy binding', elf([STRTAB, FLAGS, STRSZ]), /DT_FLAGS_1/],
    ['no room', elf([STRTAB, FLAGS, STRSZ, FLAGS_1], 0xff), /no room/],
  ];
  for (const [name, file, message] of cases) {
    test(name, () => {
      const before = Buffer.from(file);
      assert.throws(() => setRunpathToOrigin(file), message);
      assert.deepEqual(file, before);
    });
  }
});
