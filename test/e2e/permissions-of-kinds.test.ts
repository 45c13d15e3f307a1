import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { aStatefulSet } from './support/fixtures/helm-releases.ts';
import { aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import type { Fixture } from './support/release.ts';

/** That each permission is needed is tried on one release, in permissions.test.ts; here, that those printed are enough. */

const cluster = await ensureCluster();

interface Scene {
  release: Fixture;
  workload: string;
  /** What a person runs who takes the release away, claims too. */
  remove(): Promise<unknown>;
  /** What differs afterwards from the backup, in an object of each kind that is ever replaced. */
  change(): Promise<unknown>;
}

const SCENES: Record<string, () => Promise<Scene>> = {
  'plain YAML': async () => {
    const release = await applied(cluster, aDeploymentWithMountedSettings(cluster));
    const { kubectl } = release;
    return {
      release,
      workload: 'deployment/hand-made',
      remove: () =>
        kubectl.objects.delete('deployment/hand-made', 'service/hand-made', 'configmap/hand-made-settings'),
      change: async () => {
        await kubectl.ok('annotate', 'deployment/hand-made', 'service/hand-made', 'example.org/x=y');
      },
    };
  },
  'a StatefulSet with claims': async () => {
    const release = await aStatefulSet(cluster, cluster.helms.at(-1)!).installed();
    const { kubectl, helm } = release;
    return {
      release,
      workload: 'statefulset/ring',
      remove: async () => {
        await helm.ok('uninstall', 'ring', '--wait');
        await kubectl.objects.delete('configmap/ring-before');
        await kubectl.ok('delete', 'persistentvolumeclaims', '--all', '--timeout=60s');
      },
      change: async () => {
        const objects = ['statefulset/ring', 'service/ring-nodes', 'configmap/ring-before'];
        await kubectl.ok('annotate', ...objects, 'example.org/x=y');
      },
    };
  },
};

describe('restore and undo under exactly what "permissions restore RELEASE" prints', {
  concurrency: true,
}, () => {
  for (const [what, scene] of Object.entries(SCENES)) {
    test(`${what}: of one that was changed, and of one that is gone`, async () => {
      const { release, workload, remove, change } = await scene();
      await using _gone = release;
      const { cli, kubectl, name } = release;
      await cli.ok('backup', name);

      await change();
      await withExactly(cluster, release, 'restore', [name], async (restricted) => {
        const inStore = ['--yes', '--store', cli.store];
        expectCode(await restricted.run('restore', name, ...inStore));
        assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
        expectCode(await restricted.run('undo', name, ...inStore));
        expectCode(await cli.run('diff', name), 3);

        await remove();
        expectCode(await restricted.run('restore', name, ...inStore));
        assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
        expectCode(await restricted.run('undo', name, ...inStore));
        assert.equal(await kubectl.objects.find(workload), undefined, 'it is gone again');
      });
    });
  }
});
