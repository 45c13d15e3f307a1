import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tool } from '../../../src/advice/command.ts';
import { DEFAULT_STORE, listCommand, storeFlags } from '../../../src/store/advice.ts';
import { openStore } from '../../../src/store/open-store.ts';

describe('a command that is advised names the store', () => {
  const cases: { location: string; inEnvironment?: string; flags: string[]; name: string }[] = [
    { name: 'not where it is the default one', location: DEFAULT_STORE, flags: [] },
    {
      name: 'nor where that is spelled otherwise',
      location: 'memcached-backups',
      inEnvironment: '',
      flags: [],
    },
    { name: 'where it was given', location: '/srv/b', flags: ['--store', '/srv/b'] },
    {
      name: 'where the environment gave it, for whoever pastes it elsewhere',
      location: '/srv/b',
      inEnvironment: '/srv/b',
      flags: ['--store', '/srv/b'],
    },
    {
      name: 'where it is the default one, and the environment names another',
      location: DEFAULT_STORE,
      inEnvironment: '/srv/b',
      flags: ['--store', './memcached-backups'],
    },
    { name: 'unquoted, as words are', location: "it's mine", flags: ['--store', "it's mine"] },
  ];
  for (const { name, location, inEnvironment, flags } of cases) {
    test(name, async () => {
      assert.deepEqual(storeFlags(location, inEnvironment), flags);
      const store = await openStore(location, inEnvironment);
      assert.deepEqual([store.location, store.flags], [location, flags]);
      assert.deepEqual(listCommand(store, 'cart'), tool('list', 'cart', '-A', ...flags));
    });
  }
});
