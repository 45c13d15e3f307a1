import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFolder, defaultStore } from '../../../src/store/default-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a ./memcached-backups that is there stays the store, by the name that it always had', async (t) => {
  const here = await temporaryFolder(t);
  mkdirSync(join(here, 'memcached-backups'));
  assert.deepEqual(await defaultStore({ XDG_DATA_HOME: here }, here), {
    location: './memcached-backups',
    absolute: join(here, 'memcached-backups'),
  });
});

test('elsewhere it is the folder for data, the same from every folder', async (t) => {
  const [here, data] = [await temporaryFolder(t), await temporaryFolder(t)];
  const own = join(data, 'memcached-backup');
  const found = { location: own, absolute: own };
  assert.deepEqual(await defaultStore({ XDG_DATA_HOME: data }, here), found);
  assert.deepEqual(await defaultStore({ XDG_DATA_HOME: data }, data), found);
});

test('where there is no place for it, it is ./memcached-backups', async (t) => {
  const here = await temporaryFolder(t);
  const none = await defaultStore({ XDG_DATA_HOME: '/nonexistent/share' }, here);
  assert.deepEqual(none, { location: './memcached-backups', absolute: join(here, 'memcached-backups') });
});

test('the folder for data is that of the XDG specification, or of Windows', () => {
  const home = () => '/home/ada';
  assert.equal(dataFolder({ XDG_DATA_HOME: '/data' }, 'linux', home), '/data/memcached-backup');
  assert.equal(
    dataFolder({ XDG_DATA_HOME: 'data' }, 'linux', home),
    '/home/ada/.local/share/memcached-backup',
  );
  assert.equal(dataFolder({ LOCALAPPDATA: '/local' }, 'win32', home), '/local/memcached-backup/backups');
  const none = () => {
    throw new Error('ENOENT');
  };
  assert.equal(dataFolder({}, 'linux', none), undefined);
});
