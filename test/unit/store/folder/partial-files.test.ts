import assert from 'node:assert/strict';
import sync, { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PartialFiles } from '../../../../src/store/folder/partial-files.ts';
import { finishBackup } from '../../../../src/store/folder/save-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Both ways to write: giving way meanwhile, and at once. */
const WAYS = [
  { how: 'in turn', atOnce: false },
  { how: 'at once', atOnce: true },
];

const LARGE = 'x'.repeat(300 * 1024);
const FILES = [
  { path: 'a', content: 'a' },
  { path: 'folder/large', content: LARGE },
  { path: 'folder/inner/b', content: Buffer.from('b') },
  { path: 'folder/inner/c', content: '' },
];
const OWN = new Map([
  ['backup.json', '{}'],
  ['backup.json.sha256', 'digest'],
]);

async function partial(t: TestContext, atOnce: boolean) {
  const parent = await temporaryFolder(t);
  const folder = join(parent, '.partial');
  mkdirSync(folder);
  return { parent, files: new PartialFiles(folder, { atOnce }) };
}

const openNow = (): number => readdirSync('/proc/self/fd').length;

/** What is written, synced and renamed from now on, in that order; a sync when it begins and when it is done. */
async function watched(t: TestContext): Promise<string[]> {
  const events: string[] = [];
  const nameOf = (descriptor: number): string => readlinkSync(`/proc/self/fd/${descriptor}`);
  const handle = await fs.open(import.meta.filename, 'r');
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const { writeFile, sync: syncOf } = prototype;
  const { rename } = fs;
  const { writeFileSync, fsync } = sync;
  t.after(() => {
    Object.assign(prototype, { writeFile, sync: syncOf });
    Object.assign(fs, { rename });
    Object.assign(sync, { writeFileSync, fsync });
    syncBuiltinESMExports();
  });
  Object.assign(prototype, {
    async writeFile(this: typeof handle, content: string) {
      events.push(`write ${nameOf(this.fd)}`);
      await writeFile.call(this, content);
    },
    async sync(this: typeof handle) {
      const name = nameOf(this.fd);
      events.push(`begin ${name}`);
      await syncOf.call(this);
      events.push(`sync ${name}`);
    },
  });
  Object.assign(fs, {
    rename: (from: string, to: string) => {
      events.push(`rename ${from}`);
      return rename(from, to);
    },
  });
  Object.assign(sync, {
    writeFileSync: (descriptor: number, content: string) => {
      events.push(`write ${nameOf(descriptor)}`);
      writeFileSync(descriptor, content);
    },
    fsync: (descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) => {
      const name = nameOf(descriptor);
      events.push(`begin ${name}`);
      fsync(descriptor, (error) => {
        events.push(`sync ${name}`);
        done(error);
      });
    },
  });
  syncBuiltinESMExports();
  return events;
}

/** Whether it is the writing of what lies in a folder: by then that has its name. */
function isWriteIn(folder: string, event: string): boolean {
  return event.startsWith('write ') && dirname(event.slice('write '.length)) === folder;
}

for (const { how, atOnce } of WAYS) {
  test(`${how}: every file and folder of a backup is synced, after its last write, before the backup has its name`, async (t) => {
    const { parent, files } = await partial(t, atOnce);
    const events = await watched(t);
    const written = files.writeAll(FILES.slice(1));
    await files.writeAll(FILES.slice(0, 1));
    await written;
    assert.equal(await finishBackup(files, OWN, join(parent, 'backup')), true);
    const named = events.findIndex((event) => event.startsWith('rename '));
    const paths = ['', ...readdirSync(join(parent, 'backup'), { recursive: true, encoding: 'utf8' })];
    assert.equal(paths.length, 1 + FILES.length + OWN.size + 2);
    for (const path of paths.map((path) => join(files.folder, path).replace(/\/$/, ''))) {
      const synced = events.lastIndexOf(`sync ${path}`, named);
      assert.ok(synced >= 0, `${path} was not synced before the rename`);
      const begun = events.lastIndexOf(`begin ${path}`, synced);
      const written = events.findLastIndex((event) => event === `write ${path}` || isWriteIn(path, event));
      assert.ok(begun > written, `${path}, or what lies in it, was written after it was synced`);
    }
    assert.equal(events.filter((event) => event.startsWith('write ')).length, FILES.length + OWN.size);
    assert.ok(events.indexOf(`sync ${parent}`) > named, 'its name was not synced');
  });

  test(`${how}: files have their content and nobody else may read them, whatever the umask is`, async (t) => {
    const before = openNow();
    for (const umask of [0o022, 0o000, 0o277]) {
      const { files } = await partial(t, atOnce);
      const was = process.umask(umask);
      await files.writeAll(FILES).finally(() => process.umask(was));
      await files.write('a', 'new', { replace: true });
      await files.sync();
      for (const { path, content } of FILES) {
        const file = join(files.folder, path);
        assert.equal(readFileSync(file, 'utf8'), path === 'a' ? 'new' : `${content}`);
        assert.equal(lstatSync(file).mode & 0o7777, 0o600);
      }
      for (const path of ['folder', 'folder/inner'])
        assert.equal(lstatSync(join(files.folder, path)).mode & 0o7777, 0o700);
    }
    assert.equal(openNow(), before, 'some stayed open');
  });

  test(`${how}: what is there already, and a folder that is a file, is an error, after which all of it can go`, async (t) => {
    const before = openNow();
    const { parent, files } = await partial(t, atOnce);
    await files.writeAll(FILES);
    await assert.rejects(files.write('a', 'b', { replace: false }), { code: 'EEXIST' });
    await assert.rejects(files.write('a/b', 'b', { replace: false }), { code: 'ENOTDIR' });
    await assert.rejects(files.sync(), { code: 'EEXIST' });
    assert.equal(readFileSync(join(files.folder, 'a'), 'utf8'), 'a');
    await files.remove();
    assert.deepEqual(readdirSync(parent), []);
    assert.equal(openNow(), before, 'some stayed open');
  });

  test(`${how}: what is removed while it is written leaves nothing`, async (t) => {
    const before = openNow();
    const { parent, files } = await partial(t, atOnce);
    files.writeAll(FILES).catch(() => {});
    await files.remove();
    assert.deepEqual(readdirSync(parent), []);
    assert.equal(openNow(), before, 'some stayed open');
  });
}
