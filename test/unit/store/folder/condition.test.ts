import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { shell } from '../../../../src/advice/command.ts';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { MissingStore } from '../../../../src/store/store-error.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** No process has it: the largest pid of 64-bit Linux. */
const NO_PID = 4194304;

test('a folder that can be written says how much room it has, and nothing is left in it', async (t) => {
  const root = await temporaryFolder(t);
  const condition = await new FolderStore(root).condition();
  assert.equal(condition.unwritable, undefined);
  assert.ok((condition.room?.freeBytes ?? 0) > 0);
  assert.deepEqual(condition.leftovers, []);
  assert.deepEqual(readdirSync(root), []);
});

test('a store that is not there, or is a file, can’t be reached', async (t) => {
  const root = await temporaryFolder(t);
  await writeFile(join(root, 'file'), '');
  for (const name of ['nowhere', 'file']) {
    const expected = name === 'nowhere' ? MissingStore : UnreachableError;
    await assert.rejects(new FolderStore(join(root, name)).condition(), expected);
  }
});

test('folders of backups that were cut off are found; young ones and those of living processes are not', async (t) => {
  const root = await temporaryFolder(t);
  const release = join(root, 'here', 'cache', 'cart');
  const names = {
    left: `.partial-20261124T110000Z.${NO_PID}.0badcafe`,
    living: `.partial-20261124T110000Z.${process.pid}.0badcafe`,
    young: `.partial-20261124T115900Z.${NO_PID}.1badcafe`,
  };
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const name of Object.values(names)) {
    await mkdir(join(release, name), { recursive: true });
    if (name !== names.young) utimesSync(join(release, name), anHourAgo, anHourAgo);
  }
  await mkdir(join(root, '.hidden'));

  const { leftovers } = await new FolderStore(root).condition();

  const location = join(release, names.left);
  assert.deepEqual(leftovers, [{ location, at: anHourAgo.toISOString(), fix: shell('rm', '-r', location) }]);
  assert.ok(existsSync(join(release, names.left)), 'looking removes nothing');
});
