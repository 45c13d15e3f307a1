import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { LinkedFolder } from '../../../../src/store/folder/inner-folder.ts';
import { startLine } from '../journal/sample-journal.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const LEVELS = [
  ['cluster', ADDRESS.cluster],
  ['namespace', join(ADDRESS.cluster, ADDRESS.namespace)],
  ['release', join(ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release)],
] as const;

describe('a folder in a store that is a symbolic link', () => {
  for (const [level, path] of LEVELS) {
    test(`is neither written nor read through: ${level}`, async (t) => {
      const root = await temporaryFolder(t);
      const elsewhere = join(root, 'elsewhere');
      const store = new FolderStore(join(root, 'store'));
      const { location } = await writeSample(store);
      renameSync(join(root, 'store', path), elsewhere);
      symlinkSync(elsewhere, join(root, 'store', path));
      const before = readdirSync(elsewhere);

      const isNamed = (error: Error): boolean =>
        error instanceof LinkedFolder &&
        error.message.startsWith(`${join(root, 'store', path)} is a symbolic`);
      await assert.rejects(writeSample(store), isNamed);
      // That one is known to be on a local disk; of this one it is not known yet.
      await assert.rejects(writeSample(new FolderStore(join(root, 'store'))), isNamed);
      await assert.rejects(store.openJournal(ADDRESS, startLine().id), isNamed);
      await assert.rejects(store.journals(ADDRESS), isNamed);
      await assert.rejects(store.open(ADDRESS), isNamed);
      assert.ok(existsSync(location), 'the link leads there');
      assert.deepEqual(readdirSync(elsewhere), before, 'nothing was written');

      assert.deepEqual(await store.list({}), [], 'somebody else’s, for all that is known');
      const [named, ...others] = await store.list({ [level]: ADDRESS[level] });
      assert.deepEqual(others, []);
      assert.match(named?.damage ?? 'none', /^it is a symbolic link/);
    });
  }

  test('may be the store itself', async (t) => {
    const root = await temporaryFolder(t);
    mkdirSync(join(root, 'disk'));
    symlinkSync('disk', join(root, 'store'));
    const store = new FolderStore(join(root, 'store'));
    const { location } = await writeSample(store);
    assert.equal((await store.list({})).length, 1);
    assert.equal((await store.open(ADDRESS)).document.id, ADDRESS.id);
    assert.deepEqual(await store.journals(ADDRESS), []);
    assert.ok(existsSync(dirname(location)));
  });
});
