import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../../src/advice/command.ts';
import { type AdviceScope, restoreCommand, undoCommand } from '../../../src/restore/restore-command.ts';
import { spelled } from '../spelled.ts';
import { PLAN } from '../store/journal/sample-journal.ts';

const address = { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' };
const scope = (other: Partial<AdviceScope> = {}): AdviceScope => ({
  store: { location: './memcached-backups', flags: [] },
  address,
  clusterName: undefined,
  ...other,
});

/** Without the program's name. */
const words = (command: Command): string => spelled(command).replace('kubectl memcached-backup ', '');
const restored = (...args: Parameters<typeof restoreCommand>): string => words(restoreCommand(...args));
const undone = (...args: Parameters<typeof undoCommand>): string => words(undoCommand(...args));

describe('the commands that a restore advises', () => {
  test('need no flag for the store that is used where nobody names one', () => {
    assert.equal(restored(PLAN, scope()), 'restore cart@20261122T100000Z -n shop');
    assert.equal(undone(scope()), 'undo cart -n shop');
  });

  test('name the store and the folder of the cluster, as they were named', () => {
    const there = scope({
      store: { location: '/srv/my backups', flags: ['--store', '/srv/my backups'] },
      clusterName: '3f6c2a10',
    });
    const flags = "--cluster-name 3f6c2a10 --store '/srv/my backups'";
    assert.equal(restored(PLAN, there), `restore cart@20261122T100000Z -n shop ${flags}`);
    assert.equal(undone(there), `undo cart -n shop ${flags}`);
  });

  test('name the key that was named', () => {
    const store = { location: '/srv', flags: ['--store', '/srv'], keyFlags: ['--identity', '/root/key'] };
    const flags = '--store /srv --identity /root/key';
    assert.equal(restored(PLAN, scope({ store })), `restore cart@20261122T100000Z -n shop ${flags}`);
    assert.equal(undone(scope({ store })), `undo cart -n shop ${flags}`);
  });

  test('say again what the restore left out and did not ask for', () => {
    const again = scope({ flags: ['--skip-kind', 'a b', '--new-addresses'] });
    assert.equal(
      restored(PLAN, again),
      "restore cart@20261122T100000Z -n shop --skip-kind 'a b' --new-addresses",
    );
    assert.equal(undone(again), 'undo cart -n shop');
  });

  test('undo without the folder of another cluster, which holds the backup but not the journal', () => {
    const foreign = scope({ clusterName: 'c0ffee00' });
    const restore = restored(PLAN, foreign);
    assert.equal(restore, 'restore cart@20261122T100000Z -n shop --cluster-name c0ffee00');
    assert.equal(undone(foreign), 'undo cart -n shop');
  });

  test('restore a backup by its path, into the namespace that was named', () => {
    const plan = { ...PLAN, backup: { ...PLAN.backup, path: './a copy' } };
    const into = { ...plan, namespace: { ...PLAN.namespace, name: 'drill' } };
    assert.equal(restored(into, scope()), "restore './a copy' -n shop --into drill");
  });
});
