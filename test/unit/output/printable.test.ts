import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableLine } from '../../../src/output/printable.ts';

test('escape sequences are shown, not sent', () => {
  assert.equal(printable('a\u001b[2Jb\u009b1mc\u0007\u007f'), 'a\\u001b[2Jb\\u009b1mc\\u0007\\u007f');
});

test('marks that reorder text are shown', () => {
  assert.equal(printable('abc\u202egpj.exe\u2066'), 'abc\\u202egpj.exe\\u2066');
});

test('a carriage return can not overwrite the start of its line', () => {
  assert.equal(printable('error: x\rok'), 'error: x\\u000dok');
});

test('newline, tab and letters of any script stay', () => {
  const text = 'one\n\ttwo — größer 漢字 🦄 עברית\n';
  assert.equal(printable(text), text);
});

test('one line stays one line', () => {
  assert.equal(printableLine('a\nb\tc\r\n'), 'a\\nb\\tc\\u000d\\n');
});

test('escaped JSON is still the same JSON', () => {
  const value = { 'k\u202e': 'a\u009b1m\u007f\u2028' };
  const text = printable(JSON.stringify(value));
  assert.match(text, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(text), value);
});
