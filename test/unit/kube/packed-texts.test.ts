import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PackedTexts } from '../../../src/kube/packed-texts.ts';

/** A text of so many bytes, hardly like another. */
const textOf = (seed: number, length: number): string => {
  let text = '';
  for (let at = seed; text.length < length; at++) text += `${at * 7919} `;
  return text.slice(0, length);
};

test('every text comes back, whatever its length, in any order, of several lists at once', () => {
  const lengths = fc.array(
    fc.tuple(
      fc.nat(2),
      fc.oneof(fc.nat(100), fc.nat(20_000), fc.constantFrom(65_535, 65_536, 65_537, 200_000)),
    ),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.nat()), (texts, picks) => {
      const lists = [0, 1, 2].map(() => new PackedTexts());
      const kept = texts.map(([list, length], index) => {
        const text = textOf(index, length);
        const passing = Buffer.from(text);
        const packed = lists[list]!.add(passing);
        passing.fill('x'); // whoever reads the network uses its memory again
        return { text, packed };
      });
      for (const pick of picks.take(100)) {
        const { text, packed } = kept[pick % kept.length]!;
        assert.equal(packed.bytes.toString('utf8'), text);
      }
    }),
    { numRuns: 30 },
  );
});
