import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../../../src/model/json/json.ts';
import { readDrillReport } from '../../../../src/model/records/drill-report.ts';
import { aDrillReport } from './a-drill-report.ts';

const REPORT = aDrillReport();

const asJson = (): JsonObject => JSON.parse(JSON.stringify(REPORT)) as JsonObject;

test('a report of a drill is read back as it was written', () => {
  assert.deepEqual(readDrillReport(asJson()), REPORT);
});

test('what is no report of a drill is not taken for one', () => {
  const broken: [string, Json][] = [
    ['formatVersion', 2],
    ['id', '../../etc/passwd'],
    ['at', 'yesterday'],
    ['release', '../x'],
    ['outcome', 'splendid'],
    ['seconds', -1],
    ['phases', [{ name: 'lunch', seconds: 1 }]],
    ['phases', Array.from({ length: 3000 }, () => ({ name: 'read', seconds: 1 }))],
    ['pods', { proved: 1 }],
    ['changed', ['service/cart']],
    ['into', 'x'.repeat(5000)],
    ['onTop', null],
  ];
  for (const [key, value] of broken) {
    assert.equal(readDrillReport({ ...asJson(), [key]: value }), undefined, key);
    assert.equal(
      readDrillReport(Object.fromEntries(Object.entries(asJson()).filter(([name]) => name !== key))),
      undefined,
      `without ${key}`,
    );
  }
  for (const value of [null, [], 'report', 1]) assert.equal(readDrillReport(value), undefined);
});

test('fields that nobody knows are left out', () => {
  const read = readDrillReport({ ...asJson(), secret: 'x' });
  assert.ok(read !== undefined && !('secret' in read));
});
