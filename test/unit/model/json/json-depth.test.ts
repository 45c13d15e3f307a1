import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTextTooDeep, isTooDeep } from '../../../../src/model/json/json-depth.ts';
import { MAX_DEPTH } from '../../../../src/model/json/limits.ts';

const nest = (levels: number, inner: string): string =>
  `${'[{"a]":'.repeat(levels / 2)}${inner}${'}]'.repeat(levels / 2)}`;

test('a text that is nested as deep as is read is not too deep; one level more is', () => {
  assert.equal(isTextTooDeep(nest(MAX_DEPTH, '"[[["')), false);
  assert.equal(isTextTooDeep(nest(MAX_DEPTH, '[]')), true);
  assert.equal(isTextTooDeep('[]'.repeat(MAX_DEPTH + 1)), false, 'beside one another');
});

test('brackets in strings are none, whatever is escaped before them', () => {
  const deepest = nest(MAX_DEPTH, 'HERE');
  const at = (text: string): boolean => isTextTooDeep(deepest.replace('HERE', () => text));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', 'é', 'u') }), (text) => {
      assert.equal(at(JSON.stringify(text)), false);
      assert.equal(at(`[${JSON.stringify(text)}]`), true);
    }),
  );
});

test('the text and the value agree wherever the depth is one that objects have', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => isTextTooDeep(JSON.stringify(value)) === isTooDeep(value as never),
    ),
  );
});
