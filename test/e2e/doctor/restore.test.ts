import assert from 'node:assert/strict';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { testFaults } from '../support/doctor/cluster-fault.ts';
import { diagnose } from '../support/doctor/diagnosis.ts';
import { RESTORE_FAULTS } from '../support/doctor/faults/restore.ts';
import { aReleaseWithEverything } from '../support/fixtures/helm-releases.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { type ResourceVersions, resourceVersions } from '../support/resource-versions.ts';

const cluster = await ensureCluster();

testFaults('restore', cluster, RESTORE_FAULTS);

describe('a rehearsal', () => {
  test('of a release that differs in every way writes nothing, to the cluster or to the store', async () => {
    await using release = await aReleaseWithEverything(cluster, cluster.helms[0]!).installed();
    const { cli, kubectl, namespace, name } = release;
    await cli.ok('backup', name);
    await release.upgrade({ ...release.values, memcached: { maxMemory: 48 } });
    await kubectl.ok('delete', 'service,networkpolicy', '--all');
    const before = await quietVersions(kubectl, namespace);
    const stored = filesOf(cli.store);

    const { findings } = await diagnose(release, '--only', 'restore');

    const [said] = findings.filter(({ code }) => code === 'MB400');
    assert.match(said?.summary ?? '', /objects would change, 1 cache would be emptied/);
    assert.deepEqual(await quietVersions(kubectl, namespace), before);
    assert.deepEqual(filesOf(cli.store), stored);
  });
});

/** But for what the autoscaler writes of itself. */
async function quietVersions(kubectl: Kubectl, namespace: string): Promise<ResourceVersions> {
  const versions = await resourceVersions(kubectl, namespace);
  return Object.fromEntries(
    Object.entries(versions).filter(([object]) => !object.startsWith('HorizontalPodAutoscaler/')),
  );
}

/** Every path with its size and time. */
function filesOf(store: string): string[] {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const { size, mtimeMs } = lstatSync(join(store, path));
      return `${path} ${size} ${mtimeMs}`;
    });
}
