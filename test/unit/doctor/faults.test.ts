import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/doctor/catalogue.ts';
import { codesShown } from '../../e2e/support/doctor/cluster-fault.ts';
import { ACCESS_FAULTS } from '../../e2e/support/doctor/faults/access.ts';
import { CACHE_FAULTS } from '../../e2e/support/doctor/faults/cache.ts';
import { RESTORE_FAULTS } from '../../e2e/support/doctor/faults/restore.ts';
import { ROLLOUT_FAULTS } from '../../e2e/support/doctor/faults/rollout.ts';
import { SCHEDULE_FAULTS } from '../../e2e/support/doctor/faults/schedule.ts';
import { STORAGE_FAULTS } from '../../e2e/support/doctor/faults/storage.ts';

test('every code of docs/findings.md is shown by a fault on the real cluster', () => {
  const shown = codesShown([
    ...ACCESS_FAULTS,
    ...RESTORE_FAULTS,
    ...ROLLOUT_FAULTS,
    ...CACHE_FAULTS,
    ...SCHEDULE_FAULTS,
    ...STORAGE_FAULTS,
  ]);
  assert.deepEqual(
    CODES.filter((code) => !shown.has(code)),
    [],
  );
});
