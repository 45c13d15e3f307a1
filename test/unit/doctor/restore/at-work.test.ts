import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmAtWork, restoreAtWork } from '../../../../src/doctor/restore/at-work.ts';
import { leaseRef } from '../../../../src/model/kubernetes/lease.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import type { Journal, JournalEntry, JournalStart } from '../../../../src/model/records/journal.ts';
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
  assert.deepEqual(finding?.advice, [
    'kubectl mb restore cart@20261124T120000Z -n cache',
    'kubectl mb undo cart -n cache',
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
  const findings = restoreAtWork({ lease: undefined, abandoned: false, journals: [sound, damaged] }, SUBJECT);
  assert.deepEqual(codes(findings), ['MB462', 'MB463']);
  assert.deepEqual(findings[1]?.evidence, [{ text: '/store/b: it is not a file' }]);
});
