import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/doctor/catalogue.ts';
import { codesShown } from '../../e2e/support/doctor/plant.ts';
import { SCHEDULE_PLANTS } from '../../e2e/support/doctor/plants/schedule.ts';

/** Shown by tests of their own, which need more than a namespace. */
const ELSEWHERE = new Set(['MB100', 'MB101', 'MB190', 'MB191']);

test('every code of docs/findings.md is shown by a plant on the real cluster', () => {
  const shown = codesShown([...SCHEDULE_PLANTS]);
  assert.deepEqual(
    CODES.filter((code) => !shown.has(code) && !ELSEWHERE.has(code)),
    [],
  );
});
