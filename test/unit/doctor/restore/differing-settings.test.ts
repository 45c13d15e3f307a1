import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeDifferingSettings } from '../../../../src/doctor/restore/differing-settings.ts';
import type { Rehearsal } from '../../../../src/model/plan/rehearsal.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import type { ListedBackup } from '../../../../src/store/store.ts';
import { allSpelled } from '../../spelled.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { aPlan, aRehearsal, DEPLOYMENT, planned, SUBJECT } from './rehearsals.ts';

const NOW = new Date('2026-11-24T12:01:11Z');
const address = { cluster: 'here', namespace: 'cache', release: 'cart', id: '20261124T120000Z' };
const BACKUP: ListedBackup = {
  address,
  location: '/store',
  summary: summaryOf(sampleDocument({ id: address.id })),
};
const said = (settings: Rehearsal['settings'], backup = BACKUP, more: Partial<Rehearsal> = {}) => {
  const plan = aPlan({ objects: [planned(DEPLOYMENT, 'replace')], cachesEmptied: 1 });
  return judgeDifferingSettings(aRehearsal({ plan, settings, ...more }), backup, SUBJECT, NOW);
};
const differing = [{ workload: 'deployment.apps/cart', setting: 'maxbytes' }];

test('an upgrade that worked: settings then and now, and the way back', () => {
  const [found, ...more] = said({ differing, before: '-m 48 -c 256', now: '-m 8 -c 256' });
  assert.deepEqual(more, []);
  assert.deepEqual([found?.code, found?.severity], ['MB404', 'note']);
  assert.equal(
    found?.summary,
    'the settings of cart differ from the backup of 71s ago: -m 48 -c 256 then, -m 8 -c 256 now',
  );
  assert.deepEqual(allSpelled(found?.advice), [
    'kubectl memcached-backup diff cart@20261124T120000Z -n cache',
    'kubectl memcached-backup restore cart -n cache',
  ]);
  assert.deepEqual(
    found?.waysBack?.map(({ cachesEmptied }) => cachesEmptied),
    [1],
  );
});

test('a setting that is not among the short ones is named', () =>
  assert.match(
    said({ differing: [{ workload: 'x', setting: 'verbosity' }] })[0]!.summary,
    /ago: verbosity$/,
  ));

test('nothing where nothing differs, or where the backup is of a release that was not up', () => {
  assert.deepEqual(said({ differing: [] }), []);
  const summary = { ...BACKUP.summary!, health: { podsReady: 0, podsWanted: 2, drift: [] } };
  assert.deepEqual(said({ differing }, { ...BACKUP, summary }), []);
});

test('no restore is advised that would be refused', () => {
  const refusals = { ...aRehearsal().refusals, managers: ['Argo CD would revert this'] };
  const [found] = said({ differing }, BACKUP, { refusals });
  assert.equal(found?.advice.length, 1);
  assert.equal(found?.waysBack, undefined);
});
