import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printable, printableLine } from '../../../src/output/printable.ts';

/** Unicode's own categories, not the list under test: Cc is C0, DEL and C1; Bidi_Control the reordering marks. */
const DANGEROUS = /[\p{Cc}\p{Bidi_Control}]/u;
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\u001b', '\u009b', '\u202e', '\u200f', '\n', '\t', '\r', '[', 'm', 'a'),
  }),
);

test('no control character survives but newline and tab', () => {
  fc.assert(
    fc.property(text, (value) => assert.doesNotMatch(printable(value).replaceAll(/[\n\t]/g, ''), DANGEROUS)),
  );
});

test('a cell holds no control character at all', () => {
  fc.assert(fc.property(text, (value) => assert.doesNotMatch(printableLine(value), DANGEROUS)));
});

test('text without control characters is unchanged', () => {
  fc.assert(
    fc.property(text, (value) => {
      const clean = value.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '');
      assert.equal(printable(clean), clean);
      assert.equal(printableLine(clean), clean);
    }),
  );
});

test('escaping twice changes nothing more', () => {
  fc.assert(fc.property(text, (value) => assert.equal(printable(printable(value)), printable(value))));
});

test('JSON stays the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), text, (value, name) => {
      const data = { [name]: value };
      assert.deepEqual(
        JSON.parse(printable(JSON.stringify(data, null, 2))),
        JSON.parse(JSON.stringify(data)),
      );
    }),
  );
});
