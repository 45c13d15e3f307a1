import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { ADDRESS } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const { cluster, namespace, release } = ADDRESS;
const PATH = 'drills/20261123T000000Z.json';

describe('files beside the backups in a folder', () => {
  test('lie in the folder of their release, and are read and written through no link', async (t) => {
    const root = await temporaryFolder(t);
    const elsewhere = await temporaryFolder(t);
    await writeFile(join(elsewhere, '20261123T000000Z.json'), 'not of the store');
    const files = new FolderStore(root).releaseFiles(ADDRESS);
    const folder = join(root, cluster, namespace, release);
    await mkdir(folder, { recursive: true });
    await symlink(elsewhere, join(folder, 'drills'));
    await assert.rejects(files.write(PATH, Buffer.from('x')), /is a symbolic link/);
    await assert.rejects(files.read(PATH, 100), Damage);
    await assert.rejects(files.list('drills'), /is a symbolic link/);
    await assert.rejects(files.remove(PATH), /is a symbolic link/);
    assert.deepEqual(await readdir(elsewhere), ['20261123T000000Z.json']);
  });

  test('pass over links and whatever others keep there', async (t) => {
    const root = await temporaryFolder(t);
    const files = new FolderStore(root).releaseFiles(ADDRESS);
    await files.write(PATH, Buffer.from('{}'));
    const drills = join(root, cluster, namespace, release, 'drills');
    await symlink('/etc/passwd', join(drills, 'link.json'));
    await writeFile(join(drills, '.hidden'), '');
    await mkdir(join(drills, 'folder'));
    await writeFile(join(drills, 'folder', 'x'), '');
    assert.deepEqual(await files.list('drills'), [{ path: PATH, bytes: 2 }]);
    await assert.rejects(files.read('drills/link.json', 10_000), Damage);
  });

  test('lose what a killed writer left by half, hours later', async (t) => {
    const root = await temporaryFolder(t);
    const files = new FolderStore(root).releaseFiles(ADDRESS);
    await files.write(PATH, Buffer.from('{}'));
    const drills = join(root, cluster, namespace, release, 'drills');
    for (const name of ['.a.json.0123abcd', '.b.json.0123abcd']) await writeFile(join(drills, name), 'half');
    await utimes(join(drills, '.a.json.0123abcd'), 0, 0);
    await files.write(PATH, Buffer.from('{}'));
    assert.deepEqual(await readdir(drills), ['.b.json.0123abcd', '20261123T000000Z.json']);
  });

  test('name the store where it can not be read or written', async (t) => {
    const file = join(await temporaryFolder(t), 'file');
    await writeFile(file, '');
    const files = new FolderStore(join(file, 'store')).releaseFiles(ADDRESS);
    await assert.rejects(files.write(PATH, Buffer.from('x')), /can't write to the store .*file\/store/);
    await assert.rejects(files.list('drills'), /can't read the store .*file\/store/);
  });
});
