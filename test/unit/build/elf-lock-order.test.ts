import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ignoreLockOrder } from '../../../scripts/build/elf-lock-order.ts';

describe('programs of Linux', { skip: process.platform !== 'linux' }, () => {
  test('of the Node that is shipped one word is changed, from "abort" to "ignore", and none once that is done', () => {
    const [before, node] = [readFileSync(process.execPath), readFileSync(process.execPath)];
    assert.equal(ignoreLockOrder(node), true);
    assert.deepEqual(changedWords(before, node), [{ from: 2, to: 0 }]);
    assert.equal(ignoreLockOrder(node), false);
  });

  test('one without such a word stays as it is', () => {
    const [before, program] = [readFileSync('/bin/true'), readFileSync('/bin/true')];
    assert.equal(ignoreLockOrder(program), false);
    assert.ok(program.equals(before));
  });
});

test('another file is refused', () => {
  assert.throws(() => ignoreLockOrder(Buffer.alloc(100)), /not a 64-bit little-endian ELF/);
});

function changedWords(before: Buffer, after: Buffer): { from: number; to: number }[] {
  const [old, now] = [before, after].map(
    ({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, Math.floor(length / 4)),
  );
  const changed = [];
  for (let word = 0; word < now!.length; word++)
    if (old![word] !== now![word]) changed.push({ from: old![word]!, to: now![word]! });
  return changed;
}
