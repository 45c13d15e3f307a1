import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Code, finding } from '../../../src/doctor/catalogue.ts';
import { fixEnding } from '../../../src/doctor/fix-ending.ts';
import type { Fix } from '../../../src/doctor/look-again.ts';

const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'cart-1' };
const fix = (code: string, outcome: Fix['outcome']): Fix => ({ code, object, what: 'it', outcome });
const of = (code: Code) => finding(code, { summary: code });

test('what --fix mended and what it left, by code', () => {
  assert.deepEqual(
    fixEnding(
      [fix('MB542', 'fixed'), fix('MB550', 'remains')],
      [of('MB550'), of('MB535'), of('MB201'), of('MB600')],
    ),
    ['Mended: MB542 pod/cart-1.', 'Left to you: MB550, MB535.'],
  );
  assert.deepEqual(fixEnding([fix('MB542', 'fixed')], [of('MB600')]), [
    'Mended: MB542 pod/cart-1.',
    'Nothing is left to you.',
  ]);
  assert.deepEqual(fixEnding([], [of('MB535')]), ['Mended nothing.', 'Left to you: MB535.']);
  assert.deepEqual(fixEnding([], [of('MB600')]), []);
});
