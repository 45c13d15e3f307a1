import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupToRehearse } from '../../../../src/doctor/restore/backup-to-rehearse.ts';
import {
  chosenOfEach,
  namespaceDeleted,
  namespaceTerminating,
  onlyInStore,
  releaseDeleted,
} from '../../../../src/doctor/restore/deleted-objects.ts';
import { judgeUnhealthyLatest } from '../../../../src/doctor/restore/differing-settings.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import type { ListedBackup } from '../../../../src/store/store.ts';
import { allSpelled, spelled } from '../../spelled.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { SUBJECT } from './rehearsals.ts';

function aBackup(id: string, more: Partial<ListedBackup['address']> = {}, complete = true): ListedBackup {
  const summary = summaryOf({ ...sampleDocument({ id }), complete });
  const address = { cluster: 'here', namespace: 'cache', release: 'cart', id, ...more };
  return { address, location: `/store/${id}`, summary };
}
const OLD = aBackup('20261123T120000Z');
const NEW = aBackup('20261124T120000Z');
const OTHER = aBackup('20261124T120000Z', { release: 'shop' });
const subjectOf = (name: string) => ({ ...SUBJECT, name });

test('the newest complete backup of this cluster is chosen', () => {
  const incomplete = aBackup('20261125T120000Z', {}, false);
  assert.equal(backupToRehearse([OLD, NEW, incomplete], { name: 'here' }, SUBJECT, true), NEW);
  assert.equal(backupToRehearse([OLD, NEW], undefined, SUBJECT, true), NEW);
});

test('without one there is nothing to restore from, and why', () => {
  const code = (backups: ListedBackup[]) => {
    const chosen = backupToRehearse(backups, { name: 'here' }, SUBJECT, true);
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
  const newest = chosenOfEach([OTHER, OLD, NEW], { name: 'here' });
  assert.deepEqual(
    newest.map(({ backup }) => backup),
    [NEW, OTHER],
  );
  assert.deepEqual(allSpelled(namespaceDeleted('cache', newest, subjectOf).advice), [
    'kubectl memcached-backup restore cart@20261124T120000Z -n cache',
    'kubectl memcached-backup restore shop@20261124T120000Z -n cache',
  ]);
  const gone = releaseDeleted(NEW, SUBJECT);
  assert.equal(gone.code, 'MB442');
  assert.deepEqual(gone.evidence, [{ text: 'backup cart@20261124T120000Z', at: '2026-11-24T12:00:00.000Z' }]);
  const shared = namespaceDeleted('cache', chosenOfEach([NEW], { name: 'here' }), subjectOf).about.filter(
    (key) => gone.about.includes(key),
  );
  assert.equal(shared.length, 1, 'a release is gone because its namespace is');
  assert.match(
    onlyInStore(newest, ({ address }) => subjectOf(address.release)).summary,
    /2 releases that are not here: cart, shop$/,
  );
});

test('what the command restores is the backup that is named beside it', () => {
  const safety = aBackup('20261125T120000Z');
  safety.summary!.kind = 'safety';
  const incomplete = aBackup('20261126T120000Z', { release: 'shop' }, false);
  const abroad = aBackup('20261127T120000Z', { cluster: 'there' });
  const newest = chosenOfEach([OLD, safety, incomplete, abroad], { name: 'here' });
  const { evidence, advice } = namespaceDeleted('cache', newest, subjectOf);
  assert.deepEqual(
    evidence.map(({ text }) => text),
    [`backup cart@${OLD.address.id}`, `backup shop@${incomplete.address.id}`],
  );
  assert.deepEqual(allSpelled(advice), [
    `kubectl memcached-backup restore cart@${OLD.address.id} -n cache`,
    `kubectl memcached-backup restore shop@${incomplete.address.id} -n cache`,
  ]);
});

test('of another cluster the newest is named, whatever the order of the listing', () => {
  const [older, newer] = ['20261125T120000Z', '20261126T120000Z'].map((id) =>
    aBackup(id, { cluster: 'there' }),
  );
  const chosen = backupToRehearse([newer!, older!], { name: 'here' }, SUBJECT, true);
  assert.ok('advice' in chosen);
  assert.equal(
    spelled(chosen.advice[1]),
    'kubectl memcached-backup restore cart@20261126T120000Z -n cache --cluster-name there',
  );
});

test('of a release that is gone the newest healthy backup is restored, not one of its last breath', () => {
  const dying = aBackup('20261125T120000Z');
  dying.summary!.health = { podsReady: 0, podsWanted: 2, drift: [] };
  const chosen = chosenOfEach([OLD, NEW, dying], { name: 'here' });
  assert.deepEqual(
    chosen.map(({ backup, selector, healthy }) => [backup, selector, healthy]),
    [[NEW, 'cart@healthy', true]],
  );
  assert.deepEqual(judgeUnhealthyLatest(NEW, [OLD, NEW], { name: 'here' }, SUBJECT), []);
  const [finding] = judgeUnhealthyLatest(dying, [OLD, NEW, dying], { name: 'here' }, SUBJECT);
  assert.equal(finding?.code, 'MB405');
  assert.deepEqual(finding?.evidence, [
    { text: '20261125T120000Z: 0 of 2 pods were ready', at: '2026-11-25T12:00:00.000Z' },
    { text: 'the newest healthy one is 20261124T120000Z' },
  ]);
  assert.deepEqual(allSpelled(finding?.advice), ['kubectl memcached-backup restore cart@healthy -n cache']);
  assert.deepEqual(judgeUnhealthyLatest(dying, [dying], { name: 'here' }, SUBJECT)[0]?.advice, []);
});

test('nobody is told to back up a release that is not there', () => {
  const chosen = (isHere: boolean) => backupToRehearse([], { name: 'here' }, SUBJECT, isHere);
  const adviceOf = (found: ReturnType<typeof chosen>) => allSpelled('advice' in found ? found.advice : []);
  assert.deepEqual(adviceOf(chosen(true)), ['kubectl memcached-backup backup cart -n cache']);
  assert.deepEqual(adviceOf(chosen(false)), []);
});
