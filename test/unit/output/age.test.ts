import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAge } from '../../../src/output/age.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
// The limits of kubectl's own duration.HumanDuration.
const cases: [number, string][] = [
  [-5 * S, '<invalid>'],
  [-1 * S, '0s'],
  [0, '0s'],
  [999, '0s'],
  [45 * S, '45s'],
  [119 * S, '119s'],
  [120 * S, '2m'],
  [3 * M + 12 * S, '3m12s'],
  [10 * M - S, '9m59s'],
  [10 * M + 30 * S, '10m'],
  [3 * H - S, '179m'],
  [3 * H, '3h'],
  [3 * H + 5 * M, '3h5m'],
  [8 * H + 59 * M, '8h'],
  [48 * H - S, '47h'],
  [2 * D, '2d'],
  [2 * D + 4 * H, '2d4h'],
  [8 * D, '8d'],
  [729 * D + 23 * H, '729d'],
  [730 * D, '2y'],
  [3 * 365 * D + 14 * D, '3y14d'],
  [8 * 365 * D + 100 * D, '8y'],
  [Number.NaN, '<invalid>'],
];
for (const [milliseconds, expected] of cases) {
  test(`${milliseconds} ms is ${expected}`, () => assert.equal(formatAge(milliseconds), expected));
}
