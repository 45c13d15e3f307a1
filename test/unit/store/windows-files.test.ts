import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileModeNote } from '../../../src/output/file-mode.ts';
import { syncPath } from '../../../src/store/durable-file.ts';
import { renamePatiently } from '../../../src/store/patient-rename.ts';

function folder(t: { after(work: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'windows-files-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('what Windows has otherwise', () => {
  test('a folder is not flushed there, a file through a handle that may write, and what is missing is told', async (t) => {
    const place = folder(t);
    const file = join(place, 'file');
    writeFileSync(file, 'as it is');
    await syncPath(place, 'win32');
    await syncPath(file, 'win32');
    assert.equal(readFileSync(file, 'utf8'), 'as it is');
    await assert.rejects(syncPath(join(place, 'none'), 'win32'), { code: 'ENOENT' });
  });

  test('a name that is refused is tried again there, and nowhere else', async () => {
    // procfs renames nothing: EPERM, EACCES for who is not root, as Windows says of what a scanner has open.
    const tried = async (platform: NodeJS.Platform): Promise<number> => {
      const from = performance.now();
      const renaming = renamePatiently('/proc/version', '/proc/uptime', platform);
      await assert.rejects(renaming, ({ code }) => code === 'EPERM' || code === 'EACCES');
      return performance.now() - from;
    };
    assert.ok((await tried('win32')) > 1000);
    assert.ok((await tried('linux')) < 500);
  });

  test('a folder in the way is told at once', async (t) => {
    const place = folder(t);
    for (const name of ['from', 'to/inner']) mkdirSync(join(place, name), { recursive: true });
    const from = performance.now();
    await assert.rejects(renamePatiently(join(place, 'from'), join(place, 'to'), 'win32'), {
      code: 'ENOTEMPTY',
    });
    assert.ok(performance.now() - from < 500);
  });

  test('no modes are promised there', () => {
    assert.equal(fileModeNote('it is', 'win32'), '');
    assert.equal(fileModeNote('it is', 'linux'), ' (it is 0600)');
  });
});
