import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { shell } from '../../../../src/advice/command.ts';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { DeletionDenied } from '../../../../src/store/store-error.ts';
import { fromSource } from '../../../support/from-source.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const REMOVER = join(import.meta.dirname, 'crashing-remover.ts');
const RELEASE = join(ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
/** No process has it: the largest pid of 64-bit Linux. */
const NO_PID = 4194304;

test('a backup that is removed is gone with all of its files, and the others stay', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(root);
  await writeSample(store);
  const other = await writeSample(store, { id: '20261123T101500Z' });
  await store.remove(ADDRESS);
  assert.deepEqual(readdirSync(join(root, RELEASE)), [other.id]);
  assert.deepEqual(
    (await store.list({})).map(({ address, damage }) => [address.id, damage]),
    [[other.id, undefined]],
  );
});

test('one that is gone already, its release or the whole store too, counts as removed', async (t) => {
  const root = await temporaryFolder(t);
  await writeSample(new FolderStore(root));
  await new FolderStore(root).remove({ ...ADDRESS, id: '20261123T101500Z' });
  await new FolderStore(root).remove({ ...ADDRESS, release: 'other' });
  await new FolderStore(join(root, 'nowhere')).remove(ADDRESS);
  assert.equal((await new FolderStore(root).list({})).length, 1);
});

test('a damaged backup can be removed', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(root);
  const { location } = await writeSample(store);
  writeFileSync(join(location, 'backup.json'), '{');
  await store.remove(ADDRESS);
  assert.equal(existsSync(location), false);
});

test('a symbolic link or a file in its place is refused, and what it leads to stays', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(root);
  const { location } = await writeSample(store);
  const moved = join(root, 'elsewhere');
  renameSync(location, moved);
  symlinkSync(moved, location);
  await assert.rejects(store.remove(ADDRESS), /is not a folder: nothing is removed through a symbolic link/);
  assert.ok(existsSync(join(moved, 'backup.json')));
  assert.ok(existsSync(location));
});

test('nothing is removed through a symbolic link on the way', async (t) => {
  const root = await temporaryFolder(t);
  await writeSample(new FolderStore(join(root, 'real')));
  await mkdir(join(root, 'store'));
  symlinkSync(join(root, 'real', ADDRESS.cluster), join(root, 'store', ADDRESS.cluster));
  await assert.rejects(new FolderStore(join(root, 'store')).remove(ADDRESS), /is a symbolic link/);
  assert.equal((await new FolderStore(join(root, 'real')).list({})).length, 1);
});

test('an address that could lead elsewhere removes nothing', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(join(root, 'store'));
  await writeSample(new FolderStore(root));
  for (const address of [
    { cluster: '..' },
    { namespace: '../..' },
    { release: '.' },
    { id: '../x' },
    { id: '' },
  ]) {
    await assert.rejects(store.remove({ ...ADDRESS, ...address }), JSON.stringify(address));
  }
  assert.equal((await new FolderStore(root).list({})).length, 1);
});

test('whenever a removal is killed, the backup is there whole or not at all, and what is left is swept', async (t) => {
  const parent = await temporaryFolder(t);
  const outcomes = new Set<string>();
  for (let at = 1; ; at++) {
    const root = join(parent, `${at}`);
    const store = new FolderStore(root);
    await writeSample(store);
    const { signal, stderr, status } = spawnSync(process.execPath, fromSource(REMOVER, root, `${at}`), {
      encoding: 'utf8',
    });
    const listed = await store.list({});
    assert.ok(
      listed.every(({ damage }) => damage === undefined),
      `killed before operation ${at}`,
    );
    if (listed.length === 1) await (await store.open(ADDRESS)).read('settings.json');
    outcomes.add(listed.length === 1 ? 'whole' : 'gone');
    await store.sweep(ADDRESS);
    assert.deepEqual(
      readdirSync(join(root, RELEASE)),
      listed.map(({ address }) => address.id),
    );
    if (signal === 'SIGKILL') continue;
    assert.equal(status, 0, stderr);
    assert.ok(at > 2, 'it was killed at every step');
    break;
  }
  assert.deepEqual([...outcomes].sort(), ['gone', 'whole']);
});

test('what a killed removal left is told, and goes with the next backup', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(root);
  const { location } = await writeSample(store);
  const left = join(root, RELEASE, `.deleting-${ADDRESS.id}.${NO_PID}.0badcafe`);
  renameSync(location, left);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(left, anHourAgo, anHourAgo);
  const leftover = { location: left, at: anHourAgo.toISOString(), fix: shell('rm', '-r', left) };
  assert.deepEqual((await store.condition()).leftovers, [leftover]);
  await writeSample(store);
  assert.deepEqual(readdirSync(join(root, RELEASE)), [ADDRESS.id]);
});

test('a removal under way in another process is left to it', async (t) => {
  const root = await temporaryFolder(t);
  const store = new FolderStore(root);
  const { location } = await writeSample(store);
  const left = join(root, RELEASE, `.deleting-${ADDRESS.id}.${process.pid}.0badcafe`);
  renameSync(location, left);
  await store.sweep(ADDRESS);
  assert.ok(existsSync(left));
});

test('while backups are removed, a listing shows none that is half there', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  const ids = Array.from(
    { length: 40 },
    (_, index) => `202611${String((index % 28) + 1).padStart(2, '0')}T10${String(index).padStart(2, '0')}00Z`,
  );
  for (const id of ids) await writeSample(store, { id });
  let removing = true;
  const removal = (async () => {
    for (const id of ids) await store.remove({ ...ADDRESS, id });
    removing = false;
  })();
  while (removing) {
    const damaged = (await store.list({})).filter(({ damage }) => damage !== undefined);
    assert.deepEqual(damaged, []);
  }
  await removal;
});

const NOBODY = 65534;
const twoUsers = { skip: process.getuid?.() === 0 ? false : 'needs root, to be someone else' };

test('where it is not allowed, that is said, and the backup stays whole', twoUsers, async (t) => {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(new FolderStore(root));
  for (const folder of [
    root,
    ...['', ADDRESS.namespace, join(ADDRESS.namespace, ADDRESS.release)].map((inner) =>
      join(root, ADDRESS.cluster, inner),
    ),
  ]) {
    chmodSync(folder, 0o755);
  }
  process.seteuid!(NOBODY);
  try {
    await assert.rejects(new FolderStore(root).remove(ADDRESS), (error) => {
      assert.ok(error instanceof DeletionDenied && error instanceof ToolError);
      assert.equal(error.message, `the backup ${location} can't be removed: permission denied`);
      assert.equal(error.untouched, 'it is there, whole');
      assert.equal(error.exitCode, 1);
      return true;
    });
  } finally {
    process.seteuid!(0);
  }
  assert.ok(existsSync(join(location, 'backup.json')));
});
