import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPartOf } from '../../../../src/backup/checks/is-part-of.ts';
import { clean } from '../../../../src/model/forms/clean.ts';
import type { Json } from '../../../../src/model/json/json.ts';
import { rawObject } from '../../../support/raw-objects.ts';

const WHOLE: Json = { a: 1, b: { c: ['x', { d: 1, e: 2 }, 'y'], f: null }, g: [] };

const PARTS: Json[] = [
  WHOLE,
  {},
  { a: 1 },
  { b: {} },
  { b: { f: null } },
  { b: { c: ['y'] } },
  { b: { c: ['x', { e: 2 }] } },
  { g: [] },
];
for (const part of PARTS) {
  test(`${JSON.stringify(part)} is part of the whole`, () => assert.equal(isPartOf(part, WHOLE), true));
}

const OTHERS: Json[] = [
  { a: 2 },
  { h: 1 },
  { a: { c: 1 } },
  { b: [] },
  { b: { c: ['y', 'x'] } },
  { b: { c: ['x', 'x'] } },
  { b: { c: [{ e: 3 }] } },
  { g: ['x'] },
  { a: null },
  [],
  'a',
];
for (const other of OTHERS) {
  test(`${JSON.stringify(other)} is not`, () => assert.equal(isPartOf(other, WHOLE), false));
}

test('the clean form of any object is part of it', () => {
  fc.assert(fc.property(rawObject(), (raw) => isPartOf(clean(raw).object, raw)));
});
