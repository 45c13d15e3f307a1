import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  drillInWords,
  drillTime,
  drillVerdict,
  isDrillOld,
} from '../../../../src/model/records/drill-verdict.ts';
import { aDrillReport } from './a-drill-report.ts';

test('a drill that missed its target passed, late', () => {
  assert.equal(drillVerdict(aDrillReport()), 'passed');
  assert.equal(drillVerdict(aDrillReport({ met: false })), 'late');
  assert.equal(drillVerdict(aDrillReport({ met: false, outcome: 'failed' })), 'failed');
});

test('how a drill went is said in one clause', () => {
  const words = [
    aDrillReport(),
    aDrillReport({ seconds: 1200, met: false }),
    aDrillReport({ outcome: 'failed', failure: 'a pod is not ready' }),
    aDrillReport({ outcome: 'cut-off', seconds: 61 }),
  ].map(drillInWords);
  assert.deepEqual(words, [
    'passed in 5.1 s',
    'passed in 20 min, and 15 min was its target',
    'failed after 5.1 s: a pod is not ready',
    'was cut off after 61 s',
  ]);
});

test('the time that a drill took has two units at most', () => {
  assert.deepEqual([0.04, 9.94, 9.96, 119.4, 200, 3600, 7199, 7200, 90_061].map(drillTime), [
    '0 s',
    '9.9 s',
    '10 s',
    '119 s',
    '3 min 20 s',
    '60 min',
    '119 min 59 s',
    '2 h',
    '25 h 1 min',
  ]);
});

test('a drill is old after a quarter and a week', () => {
  const { at } = aDrillReport();
  const after = (days: number): Date => new Date(Date.parse(at) + days * 86_400_000);
  assert.equal(isDrillOld({ at }, after(98)), false);
  assert.equal(isDrillOld({ at }, after(100)), true);
});
