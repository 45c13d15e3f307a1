import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesNamedBy } from '../../../../src/store/git/files-named-by.ts';

test('the files that a backup.json names; none where it is no JSON, or stands for more values than any has', () => {
  const named = (text: string): unknown => filesNamedBy(Buffer.from(text));
  const files = '"files":[{"path":"raw/a.json"},{"path":1},2]';
  assert.deepEqual(named(`{${files}}`), new Set(['raw/a.json']));
  for (const text of ['', '[]', '{"files":{}}', `{${files}`, `{"x":[${'{},'.repeat(2 ** 21)}1],${files}}`])
    assert.equal(named(text), undefined, text.slice(0, 40));
  assert.equal(filesNamedBy(undefined), undefined);
});
