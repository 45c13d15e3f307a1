import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumLine, parseChecksumLine, sha256 } from '../../../../src/store/format/digest.ts';

test('the digest of "abc" is the one in FIPS 180-4', () => {
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a checksum line is read back for its own file only', () => {
  const line = checksumLine(sha256('abc'), 'backup.json');
  assert.equal(parseChecksumLine(line, 'backup.json'), sha256('abc'));
  assert.equal(parseChecksumLine(line, 'other.json'), undefined);
});

for (const line of [
  '',
  'abc  backup.json\n',
  `${'g'.repeat(64)}  backup.json\n`,
  `${'a'.repeat(64)} backup.json\n`,
  `${'a'.repeat(64)}  backup.json\n\n`,
]) {
  test(`${JSON.stringify(line)} is no checksum line`, () => {
    assert.equal(parseChecksumLine(line, 'backup.json'), undefined);
  });
}
