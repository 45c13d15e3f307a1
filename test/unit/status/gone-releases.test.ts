import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '../../../src/model/records/backup-summary.ts';
import { goneReleases } from '../../../src/status/gone-releases.ts';
import type { BackupAddress, ListedBackup } from '../../../src/store/store.ts';
import { ADDRESS, sampleDocument } from '../store/sample-backup.ts';

const CLUSTER = { name: ADDRESS.cluster };

function listed(at: Partial<BackupAddress>, kind: 'backup' | 'safety' = 'backup'): ListedBackup {
  const address = { ...ADDRESS, ...at };
  return { address, location: 'x', summary: summaryOf(sampleDocument(address, { kind })) };
}

const BACKUPS = [
  listed({}),
  listed({ id: '20261123T101500Z' }),
  listed({ release: 'session' }),
  listed({ release: 'only-safety' }, 'safety'),
  listed({ release: 'other-cluster', cluster: 'c0ffee00' }),
  { address: { ...ADDRESS, release: '', id: '' }, location: 'x', damage: 'dark' },
];
const gone = (there: string[], names: string[] = [], cluster: typeof CLUSTER | undefined = CLUSTER) =>
  goneReleases(
    BACKUPS,
    there.map((release) => ({ namespace: ADDRESS.namespace, release })),
    { cluster, names },
  ).map(({ release }) => release);

test('gone is what has a backup to restore, of this cluster, and is not there', () => {
  assert.deepEqual(gone([]), ['cart', 'session']);
  assert.deepEqual(gone(['cart']), ['session']);
  assert.deepEqual(gone([], ['cart', 'nope']), ['cart']);
});

test('nothing is gone where nobody knows whose the backups are', () => {
  assert.deepEqual(goneReleases(BACKUPS, [], { cluster: undefined, names: [] }), []);
});
