import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/doctor/catalogue.ts';
import { codesShown } from '../../e2e/support/doctor/plant.ts';
import { ACCESS_PLANTS } from '../../e2e/support/doctor/faults/access.ts';
import { CACHE_PLANTS } from '../../e2e/support/doctor/faults/cache.ts';
import { RESTORE_PLANTS } from '../../e2e/support/doctor/faults/restore.ts';
import { ROLLOUT_PLANTS } from '../../e2e/support/doctor/faults/rollout.ts';
import { SCHEDULE_PLANTS } from '../../e2e/support/doctor/faults/schedule.ts';
import { STORAGE_PLANTS } from '../../e2e/support/doctor/faults/storage.ts';

test('every code of docs/findings.md is shown by a plant on the real cluster', () => {
  const shown = codesShown([
    ...ACCESS_PLANTS,
    ...RESTORE_PLANTS,
    ...ROLLOUT_PLANTS,
    ...CACHE_PLANTS,
    ...SCHEDULE_PLANTS,
    ...STORAGE_PLANTS,
  ]);
  assert.deepEqual(
    CODES.filter((code) => !shown.has(code)),
    [],
  );
});
