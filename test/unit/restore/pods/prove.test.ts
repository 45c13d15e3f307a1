import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prove, type Witness } from '../../../../src/restore/pods/prove.ts';
import { podSettings, silentPod } from '../../../support/pod-settings.ts';

const PASSED = { stored: true, readBack: true, deleted: true };
const witness = (
  settings = podSettings('cart-9'),
  canary: Witness['canary'] | undefined = PASSED,
): Witness => (canary === undefined ? { settings } : { settings, canary });
const BACKUP = [podSettings('cart-1'), podSettings('cart-2')];

test('proved: every pod runs with the backup’s settings and served a canary', () => {
  const { verdict, pods, notes } = prove([witness(), witness(podSettings('cart-8'))], BACKUP);
  assert.deepEqual([verdict, notes], ['proved', []]);
  assert.deepEqual(
    pods.map(({ pod, settings, canary }) => [pod, settings, canary]),
    [
      ['cart-9', 'equal', 'passed'],
      ['cart-8', 'equal', 'passed'],
    ],
  );
});

test('differs: a pod says something else, and says what', () => {
  const { verdict, pods } = prove(
    [witness(), witness(podSettings('cart-8', { stats: { maxconns: '16' } }))],
    BACKUP,
  );
  assert.equal(verdict, 'differs');
  assert.deepEqual(pods[1]?.differences, [{ key: 'maxconns', expected: '1024', actual: '16' }]);
});

test('differs: a pod is of an older template, whatever its settings', () => {
  const { verdict, pods } = prove([witness(podSettings('cart-9', { current: false }))], BACKUP);
  assert.deepEqual([verdict, pods[0]?.why], ['differs', 'it is of an older template']);
});

test('differs: the canary was not stored, not read back, or not deleted', () => {
  for (const broken of [{ stored: false }, { readBack: false }, { deleted: false }]) {
    const { verdict, pods } = prove(
      [witness(podSettings('cart-9'), { ...PASSED, ...broken, refusal: 'SERVER_ERROR' })],
      BACKUP,
    );
    assert.deepEqual([verdict, pods[0]?.why], ['differs', 'the canary key failed: SERVER_ERROR']);
  }
});

test('unproven: a pod did not answer, or was not asked for a canary', () => {
  const silent = prove([witness(), witness(silentPod('cart-8'))], BACKUP);
  assert.deepEqual([silent.verdict, silent.pods[1]?.why], ['unproven', 'no answer within 5 s']);
  assert.equal(prove([{ settings: podSettings('cart-9') }], BACKUP).verdict, 'unproven');
});

test('unproven: the backup does not say, and why', () => {
  const none = prove([witness()], []);
  assert.deepEqual(
    [none.verdict, none.notes],
    ['unproven', ['the backup holds no settings: it had no memcached pods']],
  );
  const unheard = prove([witness(podSettings('cart-9', { args: [] }))], [silentPod('cart-1', { args: [] })]);
  assert.deepEqual(
    [unheard.verdict, unheard.notes],
    ['unproven', ['no pod answered when the backup was taken']],
  );
});

test('unproven: no pod of the backup had answered, though what its arguments name is equal', () => {
  const { verdict, pods, notes } = prove([witness()], [silentPod('cart-1')]);
  assert.deepEqual(
    [verdict, pods[0]?.settings, notes[0]],
    ['unproven', 'equal', 'no pod answered when the backup was taken'],
  );
});

test('unproven: the backup holds no workload that could be asked', () => {
  const { verdict, notes } = prove([], [], { withoutWorkload: true });
  assert.deepEqual([verdict, notes], ['unproven', ['the backup holds no memcached workload']]);
});

test('before a restore that has nothing to write the settings alone count: no canary goes to any cache', () => {
  assert.equal(
    prove([{ settings: podSettings('cart-9') }], BACKUP, { withoutCanary: true }).verdict,
    'proved',
  );
  const other = podSettings('cart-9', { stats: { maxconns: '16' } });
  assert.equal(prove([{ settings: other }], BACKUP, { withoutCanary: true }).verdict, 'differs');
});

test('unproven: there is no pod to ask', () => {
  const { verdict, notes } = prove([], BACKUP);
  assert.deepEqual([verdict, notes], ['unproven', ['there is no pod to ask (0 replicas)']]);
});

test('unproven: one of several workloads has no pod to ask', () => {
  const other = podSettings('sessions-1', { workload: 'deployment.apps/sessions' });
  const { verdict, notes } = prove([witness()], [...BACKUP, other]);
  assert.deepEqual([verdict, notes], ['unproven', ['deployment.apps/sessions has no pod to ask']]);
});

test('a pod is compared with the pods of its own workload', () => {
  const other = podSettings('sessions-1', {
    workload: 'deployment.apps/sessions',
    stats: { maxconns: '16' },
  });
  const { verdict } = prove([witness(), witness({ ...other, name: 'sessions-9' })], [...BACKUP, other]);
  assert.equal(verdict, 'proved');
});

test('between versions of memcached only what the arguments name can be compared: not proved, and that is said', () => {
  const { verdict, notes } = prove(
    [witness(podSettings('cart-9', { version: '1.6.40', stats: { new_setting: '1' } }))],
    BACKUP,
  );
  assert.equal(verdict, 'unproven');
  assert.deepEqual(notes, [
    'settings of deployment.apps/cart that its arguments do not name: the backup has them of another version of memcached, or not at all',
  ]);
});

test('what somebody had changed in the running server is kept apart: no restart brings it back', () => {
  const { verdict, pods } = prove([witness()], [podSettings('cart-1', { stats: { maxbytes: '1048576' } })]);
  assert.equal(verdict, 'proved');
  assert.deepEqual(pods[0]?.changedLive, [{ key: 'maxbytes', expected: '1048576', actual: '67108864' }]);
});

test('an undo leaves what is changed in a running server, says so, and is not proved; any other setting differs', () => {
  const running = podSettings('cart-9', { stats: { maxbytes: '1048576' } });
  const undone = prove([witness(running)], BACKUP, { by: 'undo' });
  assert.deepEqual(
    [undone.verdict, undone.pods[0]?.settings, undone.pods[0]?.why],
    [
      'unproven',
      'unknown',
      'maxbytes is 1048576 (1 MiB), before it was 67108864 (64 MiB): an undo puts back no setting that is changed in a running server',
    ],
  );
  assert.equal(prove([witness(running)], BACKUP).verdict, 'differs', 'a restore does');
  const others = podSettings('cart-9', { stats: { maxbytes: '1048576', maxconns: '16' } });
  const old = podSettings('cart-9', { stats: { maxbytes: '1048576' }, current: false });
  for (const pod of [others, old]) {
    assert.equal(prove([witness(pod)], BACKUP, { by: 'undo' }).verdict, 'differs');
  }
});
