import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { UnreachableError } from '../../../src/errors/tool-error.ts';
import type { ObjectRef } from '../../../src/model/kubernetes/object.ts';
import { type Course, courseInWords } from '../../../src/restore/course.ts';
import { JournaledWrites } from '../../../src/restore/journal/journaled-writes.ts';
import { noWrites } from '../../../src/restore/writes.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { NOW } from '../../support/restore-model.ts';
import { PLAN } from '../store/journal/sample-journal.ts';

const refTo = (kind: string): ObjectRef => ({ apiVersion: 'v1', kind, namespace: 'shop', name: 'cart' });
const begun = (): Course => ({
  operation: 'restore',
  startedAt: NOW,
  scope: {
    store: { location: '/srv/my backups', flags: ['--store', '/srv/my backups'] },
    address: { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' },
    clusterName: undefined,
  },
  plan: { ...PLAN, objects: [] },
  writes: noWrites(),
});
const log = () =>
  new JournaledWrites({ location: '', append: async () => {} }, 'memcached-backup-x', () => NOW);
const words = (course: Course) =>
  courseInWords(course, { ...PLAIN_SPELLING, tool: ['helm', 'memcached-backup'] });

describe('the last words of a restore that does not end in time', () => {
  test('before its journal, and with nothing written: the cluster was not changed', () => {
    assert.deepEqual(words(begun()), ['The restore of cart in namespace shop: the cluster was not changed.']);
  });

  test('name release, namespace, journal, what was written, what is being sent, and the undo to paste', async () => {
    const course = { ...begun(), journal: '/srv/my backups/x/.restore-1.jsonl' };
    const journaled = log();
    course.writes.logs.push(journaled);
    course.writes.deletedPods.push({ ...refTo('Pod'), name: 'cart-0' });
    await journaled.write(
      { action: 'replace', ref: refTo('Service') },
      async () => {},
      () => ({}),
    );
    void journaled.write(
      { action: 'create', ref: refTo('Secret') },
      () => new Promise(() => {}),
      () => ({}),
    );
    await new Promise(setImmediate);
    assert.deepEqual(words(course), [
      'The restore of cart in namespace shop: written before that: service/cart replaced, pod/cart-0 deleted; not known, because no answer came: secret/cart (it was to be created); nothing else was changed.',
      'Its journal: /srv/my backups/x/.restore-1.jsonl',
      "Next: to take back or complete what is half done: helm memcached-backup undo cart -n shop --store '/srv/my backups'",
    ]);
  });

  test('tell what its undo did by then from what it had done itself', async () => {
    const [course, forth, back] = [{ ...begun(), journal: '/j' }, log(), log()];
    course.writes.logs.push(forth);
    const intent = { action: 'replace' as const, ref: refTo('Service') };
    await forth.write(
      intent,
      async () => {},
      () => ({}),
    );
    const lost = back.write(
      intent,
      async () => {
        throw new UnreachableError('no answer');
      },
      () => ({}),
    );
    await assert.rejects(lost);
    Object.assign(course, { back: { writes: { ...noWrites(), logs: [back] } } });
    assert.match(
      words(course)[0]!,
      /written before that: service\/cart replaced; nothing else was changed; of its undo, which it had begun: not known, because no answer came: service\/cart/,
    );
  });
});

test('last words are those of what is under way, and none after it', async () => {
  const last = new LastWords();
  assert.deepEqual(last.lines, []);
  await last.during(
    () => ['half done'],
    async () => assert.deepEqual(last.lines, ['half done']),
  );
  await assert.rejects(
    last.during(
      () => ['half done'],
      () => Promise.reject(new Error('no')),
    ),
  );
  assert.deepEqual(last.lines, []);
});

test('a write that is done settles what an earlier one to the same object left open', async () => {
  const journaled = log();
  const intent = { action: 'replace' as const, ref: refTo('Secret') };
  await assert.rejects(
    journaled.write(
      intent,
      () => Promise.reject(new UnreachableError('no answer')),
      () => ({}),
    ),
  );
  assert.deepEqual(journaled.unsettled, [intent]);
  await journaled.write(
    intent,
    async () => {},
    () => ({}),
  );
  assert.deepEqual(journaled.unsettled, []);
});
