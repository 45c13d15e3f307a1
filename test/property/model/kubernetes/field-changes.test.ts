import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Json, jsonEqual, parseJson } from '../../../../src/model/json/json.ts';
import { fieldChanges } from '../../../../src/model/kubernetes/field-changes.ts';
import { jsonText } from '../../../support/json-text.ts';

const named = fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom(1, 2) });
const lists = fc.array(named, { maxLength: 4 }) as fc.Arbitrary<Json[]>;

test('there are changes exactly where two values differ', () => {
  const value = fc.oneof(jsonText.map(parseJson), lists);
  fc.assert(
    fc.property(value, value, (from, to) => {
      assert.equal(fieldChanges(from, to).length === 0, jsonEqual(from, to));
    }),
    { numRuns: 300 },
  );
});

test('a value has no changes from itself', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      assert.deepEqual(fieldChanges(parseJson(text), parseJson(text)), []);
    }),
  );
});

test('the way back has the same paths', () => {
  const paths = (from: Json, to: Json) =>
    fieldChanges(from, to)
      .map(({ path }) => path)
      .sort();
  fc.assert(
    fc.property(lists, lists, (from, to) => {
      assert.deepEqual(paths(from, to), paths(to, from));
    }),
  );
});
