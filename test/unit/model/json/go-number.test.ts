import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goNumber, MAY_BE_GO_NUMBER } from '../../../../src/model/json/go-number.ts';

// What kubectl 1.34 makes of each of these, written without quotes.
const NUMBERS: [text: string, number: number][] = [
  ['11211', 11211],
  ['+12', 12],
  ['-0x1F', -31],
  ['0X1F', 31],
  ['0x_1F', 31],
  ['0b11', 3],
  ['0B11', 3],
  ['0o7', 7],
  ['0O17', 15],
  ['0644', 420],
  ['0_7', 7],
  ['00', 0],
  ['-0', 0],
  ['-0.0', 0],
  ['08', 8],
  ['1_000', 1000],
  ['-_1', -1],
  ['1.', 1],
  ['.5', 0.5],
  ['+.5', 0.5],
  ['1._5', 1.5],
  ['1e3', 1000],
  ['1e_3', 1000],
  ['1E+3', 1000],
  ['-0E78', 0],
];

const TEXTS = [
  '0o8',
  '0x',
  '0x1p2',
  '12:30:45',
  '190:20:30',
  '1.6.39',
  '6e',
  'e4',
  '.',
  '-',
  '._5',
  '.e3',
  '_1',
  '128Mi',
  '5e0650',
  '2026-11-22',
  '',
];

test('numbers are what Go makes of them', () => {
  for (const [text, number] of NUMBERS) assert.equal(goNumber(text), number, text);
});

test('whatever Go takes for text has no number', () => {
  for (const text of TEXTS) assert.equal(goNumber(text), undefined, text);
});

test('the pattern that says what to quote misses no number', () => {
  for (const [text] of NUMBERS) assert.match(text, MAY_BE_GO_NUMBER);
});

test('versions, sizes, dates and times need no quotes on its account', () => {
  for (const text of ['1.6.39', '128Mi', '2026-11-22', '12:30:45', '10.0.0.1', 'e4', 'memcached'])
    assert.doesNotMatch(text, MAY_BE_GO_NUMBER);
});
