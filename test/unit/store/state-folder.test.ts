import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stateFolder } from '../../../src/store/state-folder.ts';

const home = () => '/home/ada';

describe('the folder for what the store can not take', () => {
  test('is XDG_STATE_HOME where that is an absolute path', () => {
    assert.equal(stateFolder({ XDG_STATE_HOME: '/state' }, 'linux', home), '/state/memcached-backup');
    assert.equal(stateFolder({ XDG_STATE_HOME: '/state' }, 'darwin', home), '/state/memcached-backup');
  });

  test('is in the home otherwise: a relative XDG_STATE_HOME is ignored, as its specification wants', () => {
    const inHome = '/home/ada/.local/state/memcached-backup';
    assert.equal(stateFolder({}, 'linux', home), inHome);
    assert.equal(stateFolder({ XDG_STATE_HOME: '' }, 'darwin', home), inHome);
    assert.equal(stateFolder({ XDG_STATE_HOME: 'state' }, 'linux', home), inHome);
  });

  test('is the local application data on Windows', () => {
    const local = '/c/Users/ada/AppData/Local';
    assert.equal(stateFolder({ LOCALAPPDATA: local }, 'win32', home), join(local, 'memcached-backup'));
    assert.equal(stateFolder({}, 'win32', home), '/home/ada/AppData/Local/memcached-backup');
  });

  test('is none where there is no home, as in a container with a user id of its own', () => {
    const none = () => {
      throw new Error('ENOENT');
    };
    assert.equal(stateFolder({}, 'linux', none), undefined);
    assert.equal(
      stateFolder({}, 'linux', () => ''),
      undefined,
    );
  });
});
