import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderFiles } from '../../../../src/store/folder/folder-files.ts';
import { FolderFilesAtOnce } from '../../../../src/store/folder/folder-files-at-once.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { NotAtOnce } from '../../../../src/store/format/files-at-once.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Reading {
  read(path: string, maximum: number): Promise<Buffer>;
  size(path: string): Promise<number>;
}

/** Both ways to read: giving way meanwhile, and at once, where what is not for that is left to the other way. */
const WAYS: { how: string; open: (folder: string) => Reading }[] = [
  { how: 'in turn', open: (folder) => new FolderFiles(folder, folder) },
  { how: 'at once', open: atOnceOrInTurn },
];

function atOnceOrInTurn(folder: string): Reading {
  const atOnce = new FolderFilesAtOnce(folder);
  return {
    read: async (path, maximum) => {
      try {
        return atOnce.read(path, maximum, (lent) => Buffer.from(lent));
      } catch (error) {
        if (error instanceof NotAtOnce) return new FolderFiles(folder, folder).read(path, maximum);
        throw error;
      }
    },
    size: async (path) => atOnce.size(path),
  };
}

/** A folder with a file and a folder beside the one that is read, for links to lead to. */
async function folderOf(t: TestContext, make: (folder: string) => void): Promise<string> {
  const root = await temporaryFolder(t);
  writeFileSync(join(root, 'secret'), 'not for reading');
  mkdirSync(join(root, 'inner'));
  make(join(root, 'inner'));
  return join(root, 'inner');
}

function damageIn(
  read: Promise<unknown>,
): Promise<{ message: string; missing: boolean; unreadable: boolean }> {
  return read.then(
    () => assert.fail('it was read'),
    (error: unknown) => {
      assert.ok(error instanceof Damage, `${error}`);
      const { message, missing, unreadable } = error;
      return { message, missing, unreadable };
    },
  );
}

const no = { missing: false, unreadable: false };
const REFUSED: { name: string; make: (folder: string) => void; path: string; says: object }[] = [
  {
    name: 'a link',
    make: (folder) => symlinkSync('../secret', join(folder, 'a')),
    path: 'a',
    says: { message: 'a is a symbolic link or behind one', ...no },
  },
  {
    name: 'a link to a file of the same folder',
    make: (folder) => {
      writeFileSync(join(folder, 'b'), 'b');
      symlinkSync('b', join(folder, 'a'));
    },
    path: 'a',
    says: { message: 'a is a symbolic link or behind one', ...no },
  },
  {
    name: 'what lies behind a link',
    make: (folder) => symlinkSync('..', join(folder, 'up')),
    path: 'up/secret',
    says: { message: 'up/secret is a symbolic link or behind one', ...no },
  },
  {
    name: 'a link that leads nowhere',
    make: (folder) => symlinkSync('nowhere', join(folder, 'a')),
    path: 'a',
    says: { message: 'a is missing', missing: true, unreadable: false },
  },
  {
    name: 'a link that leads to itself',
    make: (folder) => symlinkSync('a', join(folder, 'a')),
    path: 'a',
    says: {
      message: "a can't be read: its symbolic links go round in a circle",
      missing: false,
      unreadable: true,
    },
  },
  {
    name: 'a folder',
    make: (folder) => mkdirSync(join(folder, 'a')),
    path: 'a',
    says: { message: 'a is not a file', ...no },
  },
  {
    name: 'a named pipe that nobody writes into',
    make: (folder) => execFileSync('mkfifo', [join(folder, 'a')]),
    path: 'a',
    says: { message: 'a is not a file', ...no },
  },
  {
    name: 'nothing',
    make: () => {},
    path: 'a',
    says: { message: 'a is missing', missing: true, unreadable: false },
  },
  {
    name: 'a file that is too large',
    make: (folder) => {
      writeFileSync(join(folder, 'a'), '');
      truncateSync(join(folder, 'a'), 2 ** 40);
    },
    path: 'a',
    says: { message: `a has ${2 ** 40} bytes, at most 1000 are read`, ...no },
  },
  {
    name: 'what lies behind a file',
    make: (folder) => writeFileSync(join(folder, 'a'), ''),
    path: 'a/b',
    says: {
      message: "a/b can't be read: part of the path is a file, not a folder",
      missing: false,
      unreadable: true,
    },
  },
];

for (const { how, open } of WAYS) {
  for (const { name, make, path, says } of REFUSED) {
    test(`${how}: ${name} is not read`, async (t) => {
      const folder = await folderOf(t, make);
      const files = open(folder);
      assert.deepEqual(await damageIn(files.read(path, 1000)), says);
    });
  }

  test(`${how}: a file is read, with its size, also where the folder is reached by a link`, async (t) => {
    const folder = await folderOf(t, (inner) => writeFileSync(join(inner, 'a'), 'content'));
    symlinkSync('inner', join(folder, '../link'));
    for (const way of [folder, join(folder, '../link')]) {
      const files = open(way);
      assert.equal((await files.read('a', 7)).toString(), 'content');
      assert.equal((await files.read('a', 1000)).toString(), 'content');
      assert.equal(await files.size('a'), 7);
    }
  });

  test(`${how}: an empty file is empty, and links and folders have no size`, async (t) => {
    const folder = await folderOf(t, (inner) => {
      writeFileSync(join(inner, 'empty'), '');
      mkdirSync(join(inner, 'folder'));
      symlinkSync('empty', join(inner, 'link'));
    });
    const files = open(folder);
    assert.equal((await files.read('empty', 0)).length, 0);
    assert.equal(await files.size('empty'), 0);
    for (const path of ['folder', 'link'])
      assert.deepEqual(await damageIn(files.size(path)), { message: `${path} is not a file`, ...no });
    assert.deepEqual(await damageIn(files.size('gone')), {
      message: 'gone is missing',
      missing: true,
      unreadable: false,
    });
  });

  test(`${how}: nothing stays open, whatever was read or refused`, async (t) => {
    const folder = await folderOf(t, (inner) => {
      writeFileSync(join(inner, 'a'), 'content');
      mkdirSync(join(inner, 'folder'));
    });
    const files = open(folder);
    const openNow = () => readdirSync('/proc/self/fd').length;
    await files.read('a', 7);
    const before = openNow();
    for (let round = 0; round < 20; round++) {
      await files.read('a', 7);
      await damageIn(files.read('a', 6));
      await damageIn(files.read('folder', 6));
    }
    assert.equal(openNow(), before);
  });
}

test('a file of another size than expected is not read', async (t) => {
  const folder = await folderOf(t, (inner) => writeFileSync(join(inner, 'a'), 'content'));
  const files = new FolderFiles(folder, folder);
  assert.equal((await files.read('a', 1000, 7)).toString(), 'content');
  const { message } = await damageIn(files.read('a', 1000, 8));
  assert.equal(message, 'a has 7 bytes, backup.json says 8');
});

test('at once: what is lent is whole, also where it is longer than the memory that is used again', async (t) => {
  const long = 'long'.repeat(50_000);
  const folder = await folderOf(t, (inner) => {
    writeFileSync(join(inner, 'long'), long);
    writeFileSync(join(inner, 'short'), 'short');
  });
  const files = new FolderFilesAtOnce(folder);
  const readings = ['short', 'long', 'short'].map((path) => files.read(path, 1e6, String));
  assert.deepEqual(readings, ['short', long, 'short']);
});

test('at once: what is not there is undefined, and a link is not taken for that', async (t) => {
  const folder = await folderOf(t, (inner) => {
    writeFileSync(join(inner, 'a'), '');
    symlinkSync('nowhere', join(inner, 'link'));
  });
  const files = new FolderFilesAtOnce(folder);
  assert.equal(files.readWhereThere('gone', 1000, String), undefined);
  assert.equal(files.readWhereThere('a', 1000, String), '');
  assert.throws(() => files.readWhereThere('link', 1000, String), NotAtOnce);
  assert.throws(() => files.read('inner/a', 1000, String), NotAtOnce);
});
