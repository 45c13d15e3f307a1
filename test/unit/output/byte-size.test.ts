import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, sizeInWords } from '../../../src/output/byte-size.ts';

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

test('a sentence says bytes as people do', () => {
  const said = [0, 1, 812, 1024, 4300, 64 * 1024 ** 2, 1.5 * 1024 ** 3].map(sizeInWords);
  assert.deepEqual(said, ['0 bytes', '1 byte', '812 bytes', '1 KiB', '4.2 KiB', '64 MiB', '1.5 GiB']);
});
