import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDebugSections } from '../../../scripts/build/elf-debug.ts';

const NAMES = ['', '.text', '.symtab', '.strtab', '.debug_info', '.dynstr', '.shstrtab'];
const CONTENT = 1000;
const SIZE = 100;
const HEADERS = 2000;

/** A section a name, each of 100 bytes of its number; .text and .dynstr are loaded. */
function elf(): Buffer {
  const file = Buffer.alloc(HEADERS + NAMES.length * 64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]).copy(file);
  file.writeBigUInt64LE(BigInt(HEADERS), 40);
  file.writeUInt16LE(NAMES.length, 60);
  file.writeUInt16LE(NAMES.length - 1, 62);
  const names = NAMES.map((name) => `${name}\0`).join('');
  NAMES.forEach((name, index) => {
    const at = HEADERS + index * 64;
    file.writeUInt32LE(names.indexOf(`${name}\0`), at);
    file.writeUInt32LE(1, at + 4);
    file.writeBigUInt64LE(['.text', '.dynstr'].includes(name) ? 2n : 0n, at + 8);
    file.writeBigUInt64LE(BigInt(CONTENT + index * SIZE), at + 24);
    file.writeBigUInt64LE(BigInt(SIZE), at + 32);
    file.fill(index, CONTENT + index * SIZE, CONTENT + (index + 1) * SIZE);
  });
  file.write(names, CONTENT + 6 * SIZE, 'latin1');
  return file;
}

test('symbols and DWARF are emptied in place; what is loaded, and names of sections, stay', () => {
  const [before, file] = [elf(), elf()];
  assert.equal(emptyDebugSections(file), 3 * SIZE);
  assert.equal(file.length, before.length);
  NAMES.forEach((name, index) => {
    const content = (of: Buffer): Buffer => of.subarray(CONTENT + index * SIZE, CONTENT + (index + 1) * SIZE);
    const header = (of: Buffer): Buffer => of.subarray(HEADERS + index * 64, HEADERS + (index + 1) * 64);
    const isEmptied = ['.symtab', '.strtab', '.debug_info'].includes(name);
    assert.deepEqual(content(file), isEmptied ? Buffer.alloc(SIZE) : content(before), name);
    assert.deepEqual(header(file), isEmptied ? Buffer.alloc(64) : header(before), name);
  });
});

test('another file is refused', () => {
  assert.throws(() => emptyDebugSections(Buffer.alloc(100)), /not a 64-bit little-endian ELF/);
});
