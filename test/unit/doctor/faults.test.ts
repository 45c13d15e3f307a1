import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/doctor/catalogue.ts';
import { GIT_FAULTS } from '../../contract/store/git-faults.ts';
import { S3_FAULTS } from '../../contract/store/s3-faults.ts';
import { codesShown } from '../../e2e/support/doctor/cluster-fault.ts';
import { ACCESS_FAULTS } from '../../e2e/support/doctor/faults/access.ts';
import { CACHE_FAULTS } from '../../e2e/support/doctor/faults/cache.ts';
import { CLAIM_STORE_FAULTS } from '../../e2e/support/doctor/faults/claim-store.ts';
import { SCHEDULE_OF_TOOL_FAULTS } from '../../e2e/support/doctor/faults/own-schedule.ts';
import { RESTORE_FAULTS } from '../../e2e/support/doctor/faults/restore.ts';
import { ROLLOUT_FAULTS } from '../../e2e/support/doctor/faults/rollout.ts';
import { SCHEDULE_FAULTS } from '../../e2e/support/doctor/faults/schedule.ts';
import { STORAGE_FAULTS } from '../../e2e/support/doctor/faults/storage.ts';

test('every code of docs/findings.md is shown by a fault on the real cluster, or in a real store', () => {
  const shown = codesShown([
    ...ACCESS_FAULTS,
    ...RESTORE_FAULTS,
    ...ROLLOUT_FAULTS,
    ...CACHE_FAULTS,
    ...SCHEDULE_FAULTS,
    ...STORAGE_FAULTS,
    ...SCHEDULE_OF_TOOL_FAULTS,
  ]);
  const ofStores = new Set<string>(
    [...GIT_FAULTS, ...S3_FAULTS, ...CLAIM_STORE_FAULTS].map(({ code }) => code),
  );
  assert.deepEqual(
    CODES.filter((code) => !shown.has(code) && !ofStores.has(code)),
    [],
  );
});
