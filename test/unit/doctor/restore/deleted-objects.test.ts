import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseBackup } from '../../../../src/doctor/restore/choose-backup.ts';
import {
  namespaceGone,
  namespaceTerminating,
  newestOfEach,
  onlyInStore,
  releaseGone,
} from '../../../../src/doctor/restore/deleted-objects.ts';
import type { ListedBackup } from '../../../../src/store/store.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { SUBJECT } from './rehearsals.ts';

function aBackup(id: string, more: Partial<ListedBackup['address']> = {}, complete = true): ListedBackup {
  const document = { ...sampleDocument({ id }), complete };
  const address = { cluster: 'here', namespace: 'cache', release: 'cart', id, ...more };
  return { address, location: `/store/${id}`, document };
}
const OLD = aBackup('20261123T120000Z');
const NEW = aBackup('20261124T120000Z');
const OTHER = aBackup('20261124T120000Z', { release: 'shop' });
const subjectOf = (name: string) => ({ ...SUBJECT, name });

test('the newest complete backup of this cluster is chosen', () => {
  const incomplete = aBackup('20261125T120000Z', {}, false);
  assert.equal(chooseBackup([OLD, NEW, incomplete], { name: 'here' }, SUBJECT), NEW);
  assert.equal(chooseBackup([OLD, NEW], undefined, SUBJECT), NEW);
});

test('without one there is nothing to restore from, and why', () => {
  const code = (backups: ListedBackup[]) => {
    const chosen = chooseBackup(backups, { name: 'here' }, SUBJECT);
    return 'code' in chosen ? [chosen.code, chosen.evidence[0]?.text] : chosen;
  };
  assert.deepEqual(code([]), ['MB401', 'there is no backup of cart']);
  assert.deepEqual(code([aBackup('20261125T120000Z', {}, false)]), [
    'MB401',
    'no backup of cart is complete and undamaged; there is 20261125T120000Z (incomplete)',
  ]);
  assert.deepEqual(code([aBackup('20261125T120000Z', { cluster: 'there' })]), [
    'MB403',
    'this cluster is here; the store has there',
  ]);
});

test('a namespace is being deleted, with what remains in it', () => {
  const namespace = {
    metadata: { name: 'cache', deletionTimestamp: '2026-11-24T12:00:00Z' },
    status: {
      phase: 'Terminating',
      conditions: [
        { type: 'NamespaceContentRemaining', status: 'True', message: 'pods. has 1 resource instances' },
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All resources discovered' },
      ],
    },
  };
  const finding = namespaceTerminating(namespace, 'cache');
  assert.equal(finding?.code, 'MB440');
  assert.deepEqual(finding?.evidence, [
    { text: 'status.phase: Terminating', at: '2026-11-24T12:00:00Z' },
    { text: 'pods. has 1 resource instances' },
  ]);
  assert.equal(namespaceTerminating({ status: { phase: 'Active' } }, 'cache'), undefined);
});

test('what is gone is restored by a command for each release', () => {
  assert.deepEqual(newestOfEach([OTHER, OLD, NEW]), [NEW, OTHER]);
  assert.deepEqual(namespaceGone('cache', [NEW, OTHER], subjectOf).fix, [
    'kubectl mb restore cart -n cache',
    'kubectl mb restore shop -n cache',
  ]);
  const gone = releaseGone(NEW, SUBJECT);
  assert.equal(gone.code, 'MB442');
  assert.deepEqual(gone.evidence, [{ text: 'backup cart@20261124T120000Z', at: '2026-11-24T12:00:00.000Z' }]);
  const shared = namespaceGone('cache', [NEW], subjectOf).about.filter((key) => gone.about.includes(key));
  assert.equal(shared.length, 1, 'a release is gone because its namespace is');
  assert.match(
    onlyInStore([NEW, OTHER], ({ address }) => subjectOf(address.release)).summary,
    /2 releases that are not here: cart, shop$/,
  );
});
