import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  comparableDigest,
  isUndone,
  isUnfinished,
  type Journal,
  type JournalEntry,
  lastDone,
  writeEntriesOf,
  writtenRefs,
} from '../../../../src/model/records/journal.ts';
import { startLine } from '../../store/journal/sample-journal.ts';

const AT = '2026-11-22T10:15:01.000Z';
const SERVICE = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'cart' };

function journalOf(...entries: JournalEntry[]): Journal {
  const start = startLine();
  return { start, entries: [start, ...entries], location: '/store/journal' };
}

describe('a journal', () => {
  test('is unfinished until it ends or is undone', () => {
    const intent: JournalEntry = { type: 'will', at: AT, action: 'create', ref: SERVICE };
    assert.equal(isUnfinished(journalOf(intent)), true);
    assert.equal(isUnfinished(journalOf(intent, { type: 'end', at: AT, outcome: 'done' })), false);
    assert.equal(isUnfinished(journalOf(intent, { type: 'undone', at: AT, by: 'x' })), false);
  });

  test('is undone only by an undo, not by its end', () => {
    assert.equal(isUndone(journalOf({ type: 'end', at: AT, outcome: 'done' })), false);
    assert.equal(isUndone(journalOf({ type: 'undone', at: AT, by: 'x' })), true);
  });

  test('knows the last thing done to each object, whichever API version named it', () => {
    const hpa = (version: string) => ({
      ...SERVICE,
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
    });
    const journal = journalOf(
      { type: 'did', at: AT, action: 'create', ref: hpa('v1'), uid: 'u1' },
      { type: 'did', at: AT, action: 'replace', ref: hpa('v2'), uid: 'u2' },
      { type: 'will', at: AT, action: 'create', ref: CLAIM },
    );
    const done = [...lastDone(journal).values()];
    assert.deepEqual(
      done.map(({ uid }) => uid),
      ['u2'],
    );
    assert.equal(writeEntriesOf(journal).length, 3);
  });

  test('tells what may have been written from what the server refused', () => {
    const line = (type: 'will' | 'refused', ref: typeof SERVICE): JournalEntry => ({
      type,
      at: AT,
      action: 'create',
      ref,
    });
    assert.deepEqual(writtenRefs(journalOf(line('will', SERVICE), line('refused', SERVICE))), []);
    assert.deepEqual(
      writtenRefs(journalOf(line('will', SERVICE), line('will', CLAIM), line('refused', CLAIM))),
      [SERVICE],
    );
    assert.deepEqual(
      writtenRefs(journalOf(line('will', SERVICE), line('will', SERVICE), line('refused', SERVICE))),
      [SERVICE],
    );
  });

  test('has one digest for the same content in any order, and another for other content', () => {
    assert.equal(comparableDigest({ a: [1, { b: 2, c: 3 }] }), comparableDigest({ a: [1, { c: 3, b: 2 }] }));
    assert.notEqual(comparableDigest({ a: [1, 2] }), comparableDigest({ a: [2, 1] }));
  });
});
