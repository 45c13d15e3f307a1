import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import {
  assertReleaseName,
  backupId,
  compareIds,
  isBackupId,
  isIdPrefix,
  nextId,
  timeOfId,
} from '../../../../src/model/records/backup-id.ts';

test('an id is the moment in UTC, to the second', () => {
  assert.equal(backupId(new Date('2026-11-22T11:15:00.987+01:00')), '20261122T101500Z');
});

test('the moment comes back out of an id, and out of nothing else', () => {
  const at = Date.parse('2026-11-22T10:15:00Z');
  assert.equal(timeOfId('20261122T101500Z'), at);
  assert.equal(timeOfId('20261122T101500Z-12'), at);
  for (const text of ['latest', '', '2026-11-22', '2026', '20261322T101500Z'])
    assert.ok(Number.isNaN(timeOfId(text)), text);
});

test('an id has nothing before, after or between', () => {
  for (const id of ['20261122T101500Z', '20261122T101500Z-2', '20261122T101500Z-10'])
    assert.ok(isBackupId(id), id);
  for (const text of [
    '20261122T101500',
    '20261122T101500Z-',
    '20261122T101500Z-0',
    '20261122T101500Z-1',
    '20261122T101500Z-02',
    ' 20261122T101500Z',
    '20261122T101500Z\n',
    '../20261122T101500Z',
  ])
    assert.ok(!isBackupId(text), JSON.stringify(text));
});

test('an id begins with its year, and has all before what comes later', () => {
  for (const text of [
    '2026',
    '20261122',
    '20261122T',
    '20261122T10',
    '20261122T101500Z',
    '20261122T101500Z-1',
  ])
    assert.ok(isIdPrefix(text), text);
  for (const text of ['', '202', '2026T', '2026-11', '20261122T101500Z-x', '202611221', '2h', 'latest'])
    assert.ok(!isIdPrefix(text), text);
});

test('backups of one second are numbered from 2 on', () => {
  assert.equal(nextId('20261122T101500Z'), '20261122T101500Z-2');
  assert.equal(nextId('20261122T101500Z-9'), '20261122T101500Z-10');
});

test('ids sort by moment, then by number', () => {
  const ids = ['20261122T101500Z-10', '20261122T101500Z', '20261123T000000Z', '20261122T101500Z-2'];
  assert.deepEqual(ids.sort(compareIds), [
    '20261122T101500Z',
    '20261122T101500Z-2',
    '20261122T101500Z-10',
    '20261123T000000Z',
  ]);
});

test('a release’s name can be no path and no flag', () => {
  for (const name of ['cart', 'a', 'a-b.c', 'x'.repeat(253)]) assertReleaseName(name);
  for (const name of ['', '..', '.', 'a/b', '-a', 'a-', 'A', 'a..b', 'a_b', 'a\n', 'x'.repeat(254), 'a b'])
    assert.throws(() => assertReleaseName(name), UsageError, JSON.stringify(name));
});
