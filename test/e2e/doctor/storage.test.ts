import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import type { Diagnosis } from '../support/doctor/diagnosis.ts';
import { STORAGE_FAULTS } from '../support/doctor/faults/storage.ts';
import { backedUp } from '../support/doctor/faulty-release.ts';
import { aDaemonSet, applied } from '../support/fixtures/plain-yaml.ts';
import { expectCode } from '../support/process.ts';

const cluster = await ensureCluster();

testFaults('storage', cluster, STORAGE_FAULTS);

describe('storage', () => {
  test('is looked at also where the API server gives no answer', async () => {
    await using release = await backedUp(applied(cluster, aDaemonSet(cluster)));
    const { cli, name } = release;

    const report = await cli.run('doctor', '--server', 'https://127.0.0.1:1', '-o', 'json');

    const { findings } = JSON.parse(expectCode(report, 4).stdout) as Diagnosis;
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['MB101', 'MB354', 'MB300'],
    );
    assert.match(findings.at(-1)?.summary ?? '', new RegExp(`the newest backup of ${name} is \\d+s old`));
  });
});
