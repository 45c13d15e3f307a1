import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shell } from '../../../src/advice/command.ts';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { exportToFile } from '../../../src/commands/export.ts';
import type { WantedExport } from '../../../src/copies/export-backup.ts';
import { UnreachableError, UsageError } from '../../../src/errors/tool-error.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import { DamagedBackup } from '../../../src/store/format/damage.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { DeletionDenied, UnwritableStore } from '../../../src/store/store-error.ts';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { sampleContent } from '../store/sample-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function run(from: string, file: string, options: Partial<WantedExport> = {}): Promise<MemoryIO> {
  const io = createMemoryIO();
  await exportToFile(
    { backup: 'cart', file, force: false, ...options },
    {
      io,
      kube: () => assert.fail('no cluster is asked'),
      store: async () => new FolderStore(from),
      stateFolder: async () => undefined,
      now: () => new Date('2026-11-24T12:00:00Z'),
      signal: new AbortController().signal,
      lastWords: new LastWords(),
      spelling: PLAIN_SPELLING,
      version: '0.1.0',
    },
  );
  return io;
}

test('one file is a store of one backup, for its owner alone, the same to the byte each time', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeSmallBackup(new FolderStore(from));
  const { stderr } = await run(from, join(to, 'a.tar.gz'));
  assert.match(stderr, /Secrets in plain text/);
  await run(from, join(to, 'b.tgz'));
  assert.deepEqual(readFileSync(join(to, 'b.tgz')), readFileSync(join(to, 'a.tar.gz')));
  assert.equal(lstatSync(join(to, 'a.tar.gz')).mode & 0o777, 0o600);
  const store = await openStore(join(to, 'a.tar.gz'));
  const [listed, ...others] = await store.list({ release: 'cart' });
  assert.deepEqual(others, []);
  assert.equal(listed?.damage, undefined);
  assert.deepEqual(listed?.address, SMALL);
  assert.deepEqual(await store.list({ namespace: 'other' }), []);
  const reader = await store.open(SMALL);
  const original = await new FolderStore(from).open(SMALL);
  assert.equal(reader.digest, original.digest);
  for (const { path } of reader.document.files)
    assert.deepEqual(await reader.read(path), await original.read(path));
  assert.deepEqual(await reader.irregularities(), []);
});

test('nothing is added to it, and nothing taken from it', async (t) => {
  const root = await temporaryFolder(t);
  await writeSmallBackup(new FolderStore(root));
  await run(root, join(root, 'a.tar.gz'));
  const store = await openStore(join(root, 'a.tar.gz'));
  await assert.rejects(store.save(SMALL, sampleContent()), UnwritableStore);
  await assert.rejects(store.remove(SMALL), DeletionDenied);
  await assert.rejects((await store.open(SMALL)).noteVerification(undefined), UnwritableStore);
  assert.match((await store.condition()).unwritable?.why ?? '', /one backup in a file/);
  assert.equal((await store.list({})).length, 1);
});

test('a file that is there stays as it is, until --force', async (t) => {
  const root = await temporaryFolder(t);
  await writeSmallBackup(new FolderStore(root));
  const file = join(root, 'a.tar.gz');
  writeFileSync(file, 'mine');
  await assert.rejects(run(root, file), UsageError);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  await run(root, file, { force: true });
  assert.equal((await (await openStore(file)).list({})).length, 1);
  await assert.rejects(run(root, join(root, 'a.zip')), /no name for an archive/);
});

test('of several who export to one name at once one gets it, whole, and the others are told', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeSmallBackup(new FolderStore(from));
  const file = join(to, 'a.tar.gz');
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => run(from, file)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 4);
  for (const { reason } of refused) {
    assert.ok(reason instanceof UsageError, String(reason));
    assert.match(reason.message, /a\.tar\.gz is there already/);
  }
  assert.equal((await (await openStore(file)).list({}))[0]?.damage, undefined);
  assert.deepEqual(readdirSync(to), ['a.tar.gz']);
});

test('whoever can write the file, or its folder, is told of', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeSmallBackup(new FolderStore(from));
  const file = join(to, 'a.tar.gz');
  await run(from, file);
  const store = await openStore(file);
  assert.deepEqual(await store.exposed(SMALL), []);
  chmodSync(file, 0o666);
  chmodSync(to, 0o770);
  const exposed = [
    { location: to, why: 'its mode 0770 lets its group write', fix: shell('chmod', 'go-w', to) },
    { location: file, why: 'its mode 0666 lets everybody write', fix: shell('chmod', 'go-w', file) },
  ];
  assert.deepEqual(await store.exposed(SMALL), exposed);
  assert.deepEqual((await store.condition()).exposed, exposed);
});

test('a damaged backup is not exported, and no file is left', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  const { location } = await writeSmallBackup(new FolderStore(from));
  const settings = join(location, 'settings.json');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('a', 'b'));
  await assert.rejects(run(from, join(to, 'a.tar.gz')), DamagedBackup);
  assert.deepEqual(readdirSync(to), []);
});

test('a file that was cut is listed as damaged; one that is not there can not be reached', async (t) => {
  const root = await temporaryFolder(t);
  await writeSmallBackup(new FolderStore(root));
  const file = join(root, 'a.tar.gz');
  await run(root, file);
  writeFileSync(file, readFileSync(file).subarray(0, 900));
  const store = await openStore(file);
  const [listed] = await store.list({});
  assert.match(listed?.damage ?? '', /not compressed by gzip, or not all of it/);
  await assert.rejects(store.open(SMALL), DamagedBackup);
  await assert.rejects((await openStore(join(root, 'none.tar.gz'))).list({}), UnreachableError);
});
