import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNote } from '../../../src/backup/note.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';

test('a note is one line that fits beside a backup', () => {
  assert.equal(parseNote(' before 1.7 '), 'before 1.7');
  assert.equal(parseNote('é'.repeat(200)).length, 200);
  for (const text of ['', '  ', 'a\nb', 'a\u001b[31m', 'x'.repeat(201)])
    assert.throws(() => parseNote(text), UsageError, JSON.stringify(text));
});
