import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { NamesInFolder } from '../../../src/completion/names-in-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'memcached-backup-names-'));
after(() => rmSync(root, { recursive: true, force: true }));
const release = join(root, '2a35bb76/shop/beta');
for (const id of ['20261127T101500Z', '20261128T101500Z', '20261128T101500Z-2'])
  mkdirSync(join(release, id), { recursive: true });
mkdirSync(join(root, 'other/shop/beta/20261129T101500Z'), { recursive: true });
mkdirSync(join(release, 'snapshots/20261126T101500Z'), { recursive: true });
mkdirSync(join(release, 'drills'));
writeFileSync(join(release, '.restore-20261128T120000Z.jsonl'), '');
// What no store makes, and what somebody may have put there.
mkdirSync(join(release, '20261130T101500Z.partial'));
mkdirSync(join(root, '2a35bb76/shop', '$(id)'), { recursive: true });
mkdirSync(join(root, '2a35bb76/shop', 'a\u001b[2Jb'), { recursive: true });
writeFileSync(join(release, '20261201T101500Z'), '');
writeFileSync(join(release, '.restore-$(id).jsonl'), '');
symlinkSync('/', join(root, '2a35bb76/shop/link'));
symlinkSync(release, join(release, '20261202T101500Z'));
const names = new NamesInFolder(root);

describe('what a store in a folder holds, by names alone', () => {
  test('are the folders that a store makes; links and other things are passed over', async () => {
    assert.deepEqual((await names.clusters()).sort(), ['2a35bb76', 'other']);
    assert.deepEqual(await names.releases({ cluster: '2a35bb76', namespace: 'shop' }), [
      { cluster: '2a35bb76', namespace: 'shop', release: 'beta' },
    ]);
    assert.equal((await names.releases({})).length, 2);
  });

  test('are ids, newest first, of all clusters or one', async () => {
    const filter = { namespace: 'shop', release: 'beta' };
    assert.deepEqual(await names.ids('backups', filter), [
      { cluster: 'other', id: '20261129T101500Z' },
      { cluster: '2a35bb76', id: '20261128T101500Z-2' },
      { cluster: '2a35bb76', id: '20261128T101500Z' },
      { cluster: '2a35bb76', id: '20261127T101500Z' },
    ]);
    assert.equal((await names.ids('backups', { ...filter, cluster: 'other' })).length, 1);
    assert.deepEqual(await names.ids('restores', filter), [{ cluster: '2a35bb76', id: '20261128T120000Z' }]);
    assert.deepEqual(await names.ids('snapshots', filter), [{ cluster: '2a35bb76', id: '20261126T101500Z' }]);
  });

  test('a path on the line leads nowhere else', async () => {
    assert.deepEqual(await names.ids('backups', { namespace: '..', release: 'shop' }), []);
    assert.deepEqual(await names.releases({ cluster: '../..' }), []);
  });

  test('one that is not there holds nothing', async () => {
    assert.deepEqual(await new NamesInFolder(join(root, 'nope')).releases({}), []);
  });
});
