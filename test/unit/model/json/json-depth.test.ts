import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTextTooDeep } from '../../../../src/model/json/json-depth.ts';
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

test('a value of any shape within any number of lists is too deep where value and lists together are', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: MAX_DEPTH - 6, max: MAX_DEPTH + 1 }), (value, lists) => {
      const text = `${'['.repeat(lists)}${JSON.stringify(value)}${']'.repeat(lists)}`;
      assert.equal(isTextTooDeep(text), lists + depthOf(value) > MAX_DEPTH);
    }),
  );
});
