import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLeftForRestart } from '../../../../src/doctor/restore/left-for-restart.ts';
import { type Journal, type JournalEntry, LEFT_FOR_RESTART } from '../../../../src/model/records/journal.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import { aDeployment, aPod, aReplicaSet } from '../../../support/objects.ts';
import { PLAN, startLine } from '../../store/journal/sample-journal.ts';
import { SUBJECT } from './rehearsals.ts';

const at = '2026-11-24T12:00:00Z';
const CART = aDeployment('cart')
  .served()
  .with({ metadata: { generation: 4 } });
const POD = aPod('cart-1', aReplicaSet(CART.object).object).with({ metadata: { uid: 'uid-1' } });
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' };

function found(outcome: string, { generation = 4, more = [] as JournalEntry[] } = {}) {
  const settings = [{ key: 'maxconns', expected: '256', actual: '128' }];
  const left = [{ ref, why: 'writing it would end pods', generation, changes: [], settings }];
  const start = startLine({ plan: { ...PLAN, runtime: { changes: [], left } } });
  const change = [{ key: 'maxbytes', from: '8388608', to: '67108864' }];
  const tunes = ['uid-1', 'gone'].map(
    (uid): JournalEntry => ({ type: 'tunes', at, pod: 'cart-1', uid, settings: change }),
  );
  const entries: JournalEntry[] = [start, ...tunes, { type: 'end', at, outcome }, ...more];
  const journal: Journal = { start, entries, location: '/store/.restore-x.jsonl' };
  return judgeLeftForRestart([{ id: start.id, location: '', journal }], aLiveRelease([CART, POD]), SUBJECT);
}

test('what a restore left for the next restart is said, with what was set for as long as the pods live', () => {
  const [finding, ...others] = found(LEFT_FOR_RESTART);
  assert.deepEqual([finding?.code, others], ['MB464', []]);
  assert.deepEqual(
    finding?.evidence.map(({ text }) => text),
    [
      'left: deployment.apps/cart (writing it would end pods): maxconns 128 → 256',
      'set for as long as it lives: pod/cart-1: maxbytes 8388608 (8 MiB) → 67108864 (64 MiB)',
    ],
  );
});

test('it is over once the restore was taken back, or somebody wrote what was left', () => {
  assert.deepEqual(found('done'), []);
  assert.deepEqual(found(LEFT_FOR_RESTART, { generation: 3 }), []);
  assert.deepEqual(found(LEFT_FOR_RESTART, { more: [{ type: 'undone', at, by: 'x' }] }), []);
});
