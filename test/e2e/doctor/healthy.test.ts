import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { codesOf, diagnose } from '../support/doctor/diagnosis.ts';
import { eventually } from '../support/eventually.ts';
import { makeRelease, RELEASE_KINDS, type ReleaseKind } from '../support/fixtures/release-kinds.ts';
import type { Fixture } from '../support/release.ts';

const cluster = await ensureCluster();

/** Kinds that are ill by construction, and what doctor says of them. */
const ILL: Partial<Record<ReleaseKind, string[]>> = {
  'a release stuck in pending-upgrade': ['MB450 (MB513, MB520)', 'MB535 (MB626)'],
};

describe('of each kind of release, backed up and healthy, doctor says no failure and no warning', {
  concurrency: 3,
}, () => {
  for (const kind of RELEASE_KINDS) {
    test(kind, async () => {
      await using fixture = await makeRelease(cluster, kind);
      await fixture.cli.ok('backup', fixture.name);
      if (ILL[kind] !== undefined) await untilItCrashes(fixture);

      const diagnosis = await diagnose(fixture);

      assert.deepEqual(codesOf(diagnosis), ILL[kind] ?? [], JSON.stringify(diagnosis.findings, null, 1));
      assert.ok(diagnosis.findings.some(({ code, severity }) => code === 'MB100' && severity === 'ok'));
      // Whoever runs it without the JSON reads one screen.
      const { stdout } = await fixture.cli.run('doctor');
      if (ILL[kind] === undefined) assert.ok(stdout.split('\n').length <= 45, stdout);
    });
  }
});

async function untilItCrashes({ kubectl }: Fixture): Promise<void> {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}';
  await eventually(async () => assert.match(await kubectl.ok('get', 'pods', '-o', path), /CrashLoopBackOff/));
}
