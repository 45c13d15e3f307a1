import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseMark } from '../../../../src/doctor/release-mark.ts';
import { helmAtWork, restoreAtWork } from '../../../../src/doctor/restore/at-work.ts';
import { leaseRef } from '../../../../src/model/kubernetes/lease.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import type { Journal, JournalEntry, JournalStart } from '../../../../src/model/records/journal.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { allSpelled } from '../../spelled.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { aPlan, aRehearsal, codes, planned, SERVICE, SUBJECT } from './rehearsals.ts';

const { apiVersion, kind, name } = leaseRef('cache', 'cart');
const LEASE: KubeObject = {
  apiVersion,
  kind,
  metadata: { name, namespace: 'cache' },
  spec: { holderIdentity: 'ann@there/12', renewTime: '2026-11-24T12:00:00.000000Z' },
};
const START: JournalStart = {
  type: 'start',
  version: 2,
  id: '20261124T120001Z',
  at: '2026-11-24T12:00:01Z',
  operation: 'restore',
  cluster: '3f6c2a10',
  namespace: 'cache',
  release: 'cart',
  safety: null,
  plan: aPlan({ objects: [planned(SERVICE, 'create')] }),
  preImages: [],
};
const WILL: JournalEntry = { type: 'will', at: '2026-11-24T12:00:02Z', action: 'create', ref: SERVICE };

const aJournal = (...entries: JournalEntry[]): Journal => ({
  start: START,
  entries: [START, ...entries],
  location: '/store/.restore-20261124T120001Z.jsonl',
});
const found = (lease: KubeObject | undefined, abandoned: boolean, ...journals: Journal[]) =>
  restoreAtWork(
    {
      lease,
      abandoned,
      journals: journals.map((journal) => ({ id: journal.start.id, location: journal.location, journal })),
      backups: [],
    },
    SUBJECT,
  );

test('no Lease and no journal, or one that ended, is nothing', () => {
  assert.deepEqual(found(undefined, false), []);
  assert.deepEqual(found(undefined, false, aJournal({ type: 'end', at: '', outcome: 'done' })), []);
  assert.deepEqual(found(undefined, false, aJournal({ type: 'undone', at: '', by: '' })), []);
});

test('a Lease that is held is a restore under way, and its journal is not cut off', () => {
  const [finding, ...others] = found(LEASE, false, aJournal(WILL));
  assert.deepEqual(others, []);
  assert.equal(finding?.code, 'MB460');
  assert.deepEqual(finding?.evidence, [
    { text: 'held by ann@there/12, renewed last', at: '2026-11-24T12:00:00.000000Z' },
  ]);
});

test('a Lease that nobody holds is stale', () => {
  assert.deepEqual(codes(found(LEASE, true)), ['MB461']);
});

test('a journal without an end is a restore that was cut off: go on, or back', () => {
  const [finding, stale] = found(LEASE, true, aJournal(WILL));
  assert.equal(finding?.code, 'MB462');
  assert.equal(stale?.code, 'MB461');
  assert.ok(
    finding?.about.some((key) => stale?.about.includes(key)),
    'the Lease is its consequence',
  );
  assert.match(
    finding?.evidence[0]?.text ?? '',
    /^0 writes were done, 1 objects? .*about to create service\/cart/,
  );
  assert.deepEqual(allSpelled(finding?.advice), [
    'kubectl memcached-backup restore cart@20261124T120000Z -n cache',
    'kubectl memcached-backup undo cart -n cache',
  ]);
});

test('Helm at work stops a restore; Helm that was killed does not', () => {
  const line = 'Helm revision 2 has been pending-upgrade for 3 minutes';
  const refusals = { ...aRehearsal().refusals, helm: [line] };
  assert.deepEqual(codes(helmAtWork(aRehearsal({ refusals }), SUBJECT)), ['MB450']);
  assert.deepEqual(codes(helmAtWork(aRehearsal({ abandoned: [line] }), SUBJECT)), ['MB451']);
  assert.deepEqual(helmAtWork(aRehearsal(), SUBJECT), []);
});

test('a journal that can’t be read is named, and the last one that can is judged', () => {
  const sound = { id: START.id, location: '/store/a', journal: aJournal(WILL) };
  const damaged = { id: '20261124T120002Z', location: '/store/b', damage: 'it is not a file' };
  const findings = restoreAtWork(
    { lease: undefined, abandoned: false, journals: [sound, damaged], backups: [] },
    SUBJECT,
  );
  assert.deepEqual(codes(findings), ['MB462', 'MB463']);
  assert.deepEqual(findings[1]?.evidence, [{ text: '/store/b: it is not a file' }]);
});

test('a restore that was cut off from a crash loop: on, and not back into it', () => {
  const safety = { id: '20261124T115959Z', location: '/store/s', digest: '' };
  const journal = { ...aJournal(WILL), start: { ...START, safety } };
  const crashing = summaryOf({ ...sampleDocument({ id: safety.id }), kind: 'safety' });
  crashing.health = { podsReady: 0, podsWanted: 2, drift: [] };
  const address = { cluster: 'here', namespace: 'cache', release: 'cart', id: safety.id };
  const [finding] = restoreAtWork(
    {
      lease: undefined,
      abandoned: false,
      journals: [{ id: START.id, location: journal.location, journal }],
      backups: [{ address, location: '/store/s', summary: crashing }],
    },
    SUBJECT,
  );
  assert.deepEqual(allSpelled(finding?.advice), [
    'kubectl memcached-backup restore cart@20261124T120000Z -n cache',
  ]);
  assert.equal(
    finding?.evidence.at(-1)?.text,
    'undo would lead back to what was not up: 0 of 2 pods were ready',
  );
});

test('what Helm says of the revision that a cut-off restore wrote is explained by it, and of no other', () => {
  const newest = aRevision(5, 'pending-rollback');
  const ref = refOf(newest.record);
  const written: JournalEntry = { type: 'will', at: '2026-11-24T12:00:02Z', action: 'create', ref };
  const about = (entry: JournalEntry) =>
    restoreAtWork(
      {
        lease: undefined,
        abandoned: false,
        journals: [{ id: START.id, location: '/store/a', journal: aJournal(entry) }],
        newest,
        backups: [],
      },
      SUBJECT,
    )[0]!;
  const mark = keyOf(releaseMark(SUBJECT));
  assert.ok(about(written).about.includes(mark));
  assert.equal(
    about(written).evidence[1]?.text,
    "it left Helm's revision 5 pending-rollback, which a restore goes on from",
  );
  assert.ok(!about(WILL).about.includes(mark));
});
