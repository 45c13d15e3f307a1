import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_STORE, listCommandLine, storeFlag } from '../../../src/store/advice.ts';
import { openStore } from '../../../src/store/open-store.ts';

describe('a command that is advised names the store', () => {
  const cases: { location: string; inEnvironment?: string; flag: string; name: string }[] = [
    { name: 'not where it is the default one', location: DEFAULT_STORE, flag: '' },
    {
      name: 'nor where that is spelled otherwise',
      location: 'memcached-backups',
      inEnvironment: '',
      flag: '',
    },
    { name: 'where it was given', location: '/srv/b', flag: ' --store /srv/b' },
    {
      name: 'where the environment gave it, for whoever pastes it elsewhere',
      location: '/srv/b',
      inEnvironment: '/srv/b',
      flag: ' --store /srv/b',
    },
    {
      name: 'where it is the default one, and the environment names another',
      location: DEFAULT_STORE,
      inEnvironment: '/srv/b',
      flag: ' --store ./memcached-backups',
    },
    { name: 'as one word of a shell', location: "it's mine", flag: " --store 'it'\\''s mine'" },
  ];
  for (const { name, location, inEnvironment, flag } of cases) {
    test(name, async () => {
      assert.equal(storeFlag(location, inEnvironment), flag);
      const store = await openStore(location, inEnvironment);
      assert.deepEqual([store.location, store.flag], [location, flag]);
      assert.equal(listCommandLine(store, 'cart'), `kubectl memcached-backup list cart -A${flag}`);
    });
  }
});
