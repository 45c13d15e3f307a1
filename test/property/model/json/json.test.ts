import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, jsonEqual, parseJson } from '../../../../src/model/json/json.ts';
import { jsonText } from '../../../support/json-text.ts';

test('any JSON text comes back to the letter', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      assert.equal(JSON.stringify(parseJson(text)), text);
    }),
    { numRuns: 500 },
  );
});

test('a copy is equal and written alike', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const value = parseJson(text);
      assert.ok(jsonEqual(cloneJson(value), value));
      assert.equal(JSON.stringify(cloneJson(value)), text);
    }),
  );
});

test('two values are equal exactly when their texts are, key order aside', () => {
  fc.assert(
    fc.property(jsonText, jsonText, (a, b) => {
      assert.equal(jsonEqual(parseJson(a), parseJson(b)), sorted(a) === sorted(b));
    }),
  );
});

function sorted(text: string): string {
  return JSON.stringify(parseJson(text), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
