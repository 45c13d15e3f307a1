import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, putBack } from '../../../../src/model/forms/clean.ts';
import { isObject, type Json, jsonEqual } from '../../../../src/model/json/json.ts';
import { rawObject } from '../../../support/raw-objects.ts';

test('cleaning what is clean changes nothing', () => {
  fc.assert(
    fc.property(rawObject(), (raw) => {
      const { object } = clean(raw);
      assert.deepEqual(clean(object), { object, removed: [] });
    }),
    { numRuns: 300 },
  );
});

test('the removals put back give the raw object', () => {
  fc.assert(
    fc.property(rawObject(), (raw) => {
      assert.ok(jsonEqual(putBack(clean(raw)), raw));
    }),
    { numRuns: 300 },
  );
});

test('every value of the raw object is in the clean one or in a named removal, and nothing is new', () => {
  fc.assert(
    fc.property(rawObject(), (raw) => {
      const { object, removed } = clean(raw);
      const named = removed.map(({ path }) => JSON.stringify(path).slice(0, -1));
      const isNamed = (path: string) =>
        named.some((prefix) => path === `${prefix}]` || path.startsWith(`${prefix},`));
      const kept = leaves(object);
      const before = leaves(raw);
      for (const [path, value] of before) if (!isNamed(path)) assert.equal(kept.get(path), value, path);
      for (const [path] of kept) {
        // A map may be left empty.
        const inside = `${path.slice(0, -1)},`;
        const isOld = before.has(path) || [...before.keys()].some((each) => each.startsWith(inside));
        assert.ok(isOld, `${path} is new`);
      }
    }),
    { numRuns: 300 },
  );
});

/** Path to text of everything that holds nothing, an empty list or map included. */
function leaves(
  value: Json,
  path: (string | number)[] = [],
  found = new Map<string, string>(),
): Map<string, string> {
  const items = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  if (items.length === 0) found.set(JSON.stringify(path), JSON.stringify(value));
  for (const [key, item] of items) leaves(item, [...path, key], found);
  return found;
}
