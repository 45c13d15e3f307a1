import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import type { BackupAddress, ListedBackup } from '../../../../src/store/store.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function names(listed: ListedBackup[]): string[] {
  return listed.map(({ address }) => Object.values(address).join('/')).sort();
}

test('every backup is listed with its summary', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  await writeSample(store);
  await writeSample(store, { release: 'search.v2' });
  const listed = await store.list({});
  assert.deepEqual(names(listed), [
    '3f6c2a10/shop/cart/20261122T101500Z',
    '3f6c2a10/shop/search.v2/20261122T101500Z',
  ]);
  for (const { address, summary, damage } of listed) {
    assert.deepEqual(summary, summaryOf((await store.open(address)).document));
    assert.equal(damage, undefined);
  }
});

const FILTERS: [Partial<BackupAddress>, string[]][] = [
  [{ cluster: 'b' }, ['b/shop/cart/20261122T101500Z']],
  [{ namespace: 'dev' }, ['a/dev/cart/20261122T101500Z']],
  [{ release: 'cart', cluster: 'a', namespace: 'shop' }, ['a/shop/cart/20261122T101500Z']],
  [{ id: '20261122T101500Z-2' }, []],
  [{ cluster: '..' }, []],
  [{ release: '' }, []],
];
for (const [filter, expected] of FILTERS) {
  test(`a listing is narrowed by ${JSON.stringify(filter)}`, async (t) => {
    const store = await openStore(await temporaryFolder(t));
    await writeSample(store, { cluster: 'a' });
    await writeSample(store, { cluster: 'b' });
    await writeSample(store, { cluster: 'a', namespace: 'dev' });
    assert.deepEqual(names(await store.list(filter)), expected);
  });
}

test('an empty store lists nothing', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  assert.deepEqual(await store.list({}), []);
});

test('foreign files, folders and links are passed over', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const { location } = await writeSample(store);
  for (const level of [
    root,
    join(root, '3f6c2a10'),
    join(root, '3f6c2a10/shop'),
    join(root, '3f6c2a10/shop/cart'),
  ]) {
    writeFileSync(join(level, 'notes.txt'), 'x');
    writeFileSync(join(level, '20261122T1015'), 'x');
    mkdirSync(join(level, '.git/objects'), { recursive: true });
    mkdirSync(join(level, 'lost+found'));
    mkdirSync(join(level, 'with space/a/b/c'), { recursive: true });
    mkdirSync(join(level, 'other/folder/of/someone/20261122T101500Z'), { recursive: true });
    symlinkSync('/', join(level, 'root'));
  }
  symlinkSync('20261122T101500Z', join(root, '3f6c2a10/shop/cart/latest'));
  writeFileSync(join(location, 'my-notes.txt'), 'x');
  writeFileSync(join(location, 'verified.json'), '{}');
  const listed = await store.list({});
  assert.deepEqual(names(listed), ['3f6c2a10/shop/cart/20261122T101500Z']);
  assert.equal(listed[0]?.damage, undefined);
});

test('a file or an empty folder under the name of a backup is listed as damaged', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const release = join(root, '3f6c2a10/shop/cart');
  mkdirSync(join(release, '20261122T101500Z'), { recursive: true });
  writeFileSync(join(release, '20261122T101501Z'), '');
  const damages = new Map((await store.list({})).map(({ address, damage }) => [address.id, damage]));
  assert.deepEqual(
    damages,
    new Map([
      ['20261122T101500Z', 'backup.json is missing'],
      ['20261122T101501Z', 'it is not a folder'],
    ]),
  );
});

test('a store that is a file is named', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  writeFileSync(file, '');
  await assert.rejects((await openStore(file)).list({}), (error) => {
    assert.ok(error instanceof UnreachableError);
    assert.match(error.message, /^can't read the store .*file: part of the path is a file, not a folder$/);
    return true;
  });
});

test('a name that leads round in links is named', async (t) => {
  const link = join(await temporaryFolder(t), 'link');
  symlinkSync('link', link);
  await assert.rejects((await openStore(link)).list({}), /its symbolic links go round in a circle/);
});

test('many backups are listed, all of them', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const ids = Array.from({ length: 40 }, (_, second) => `20261122T1015${`${second}`.padStart(2, '0')}Z`);
  for (const id of ids) await writeSample(store, { id });
  assert.deepEqual(
    (await store.list({ release: ADDRESS.release })).map(({ address }) => address.id).sort(),
    ids,
  );
});
