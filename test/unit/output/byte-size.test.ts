import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes } from '../../../src/output/byte-size.ts';

const cases: [number, string][] = [
  [0, '0'],
  [1023, '1023'],
  [1024, '1.0Ki'],
  [4300, '4.2Ki'],
  [10188, '9.9Ki'],
  [10200, '10Ki'],
  [1023 * 1024 + 600, '1.0Mi'],
  [1.3 * 1024 ** 2, '1.3Mi'],
  [5 * 1024 ** 3, '5.0Gi'],
  [1024 ** 6, '1024Pi'],
];
for (const [bytes, expected] of cases) {
  test(`${bytes} bytes are ${expected}`, () => assert.equal(formatBytes(bytes), expected));
}
