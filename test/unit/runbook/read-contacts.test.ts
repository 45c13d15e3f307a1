import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ToolError, UsageError } from '../../../src/errors/tool-error.ts';
import { readContacts } from '../../../src/runbook/read-contacts.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-contacts-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('Markdown and YAML are told by the name, and taken word for word', async () => {
  assert.deepEqual(await readContacts(file('a.md', '# On call\nJane, 555\n')), {
    text: '# On call\nJane, 555\n',
    format: 'markdown',
  });
  assert.equal((await readContacts(file('b.YAML', 'onCall: jane\n'))).format, 'yaml');
});

test('what is no small text is refused, and named', async () => {
  const full = 'x'.repeat(64 * 1024);
  assert.equal((await readContacts(file('full.md', full))).text, full);
  const refused: [string, string | Buffer, RegExp][] = [
    ['large.md', `${full}x`, /larger than 64 KiB/],
    ['binary.md', Buffer.from([0xff, 0xfe, 0x41]), /no text in UTF-8/],
    ['nul.md', 'a\0b', /no text in UTF-8/],
    ['empty.md', ' \n', /empty/],
  ];
  for (const [name, content, why] of refused) {
    await assert.rejects(readContacts(file(name, content)), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, why);
      assert.match(error.message, new RegExp(name));
      return true;
    });
  }
});

test('an endless file is not read to its end', async () => {
  await assert.rejects(readContacts('/dev/zero'), /larger than 64 KiB/);
});

test('a file that is not there is named', async () => {
  await assert.rejects(
    readContacts(join(folder, 'nowhere.md')),
    (error) => error instanceof ToolError && /nowhere\.md/.test(error.message),
  );
});
