import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Permission } from '../../src/model/permissions/permissions.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aStatefulSet } from './support/fixtures/helm-releases.ts';
import { aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import {
  assertRefused,
  isReadByName,
  optionalOnes,
  rulesOf,
  usersWithoutOne,
  withExactly,
} from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import type { Fixture } from './support/release.ts';

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
        kubectl.ok('delete', 'deployment/hand-made', 'service/hand-made', 'configmap/hand-made-settings'),
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
        await kubectl.ok('delete', 'configmap', 'ring-before');
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
    test(`${what}: each permission taken away in turn is refused and named, before the first write`, async () => {
      const { release, workload, remove, change } = await scene();
      await using _gone = release;
      const { cli, kubectl, name } = release;
      await cli.ok('backup', name);
      const rules = await rulesOf(release, 'restore');
      const mayLack = optionalOnes(rules);
      const users = (await usersWithoutOne(kubectl, rules)).filter(({ text }) => !mayLack.has(text));
      const byName = users.filter(({ permission }) => isReadByName(permission, rules));
      const replaced = new Set(
        users.flatMap(({ permission: { verb, resource } }) => (verb === 'update' ? [resource] : [])),
      );
      // Helm's records are written only where there are none, for an upgrade was not made here.
      const isOnlyCreated = ({ verb, resource }: Permission) =>
        resource === 'secrets' || ['create', 'delete'].includes(verb) || !replaced.has(resource);
      const whenGone = users.filter(
        ({ permission }) =>
          permission.verb !== 'list' &&
          isOnlyCreated(permission) &&
          !/leases|pods|namespaces/.test(permission.resource),
      );
      // Pods are restarted where they run with other settings: test/e2e/permissions.test.ts; and deleted where they
      // never became ready: test/e2e/bad-upgrade.test.ts.
      const whenChanged = users.filter(
        (user) =>
          !byName.includes(user) && !whenGone.includes(user) && !/eviction|delete pods /.test(user.text),
      );

      await change();
      await assertRefused(cluster, release, 'restore', whenChanged);
      await withExactly(cluster, release, 'restore', [name], async (restricted) => {
        const inStore = ['--yes', '--store', cli.store];
        expectCode(await restricted.run('restore', name, ...inStore));
        assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
        const replacing = whenChanged.filter(({ permission }) =>
          ['update', 'patch'].includes(permission.verb),
        );
        await assertRefused(cluster, release, 'undo', replacing);
        expectCode(await restricted.run('undo', name, ...inStore));
        expectCode(await cli.run('diff', name), 3);

        await remove();
        await assertRefused(cluster, release, 'restore', whenGone);
        expectCode(await restricted.run('restore', name, ...inStore));
        assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
        const deleting = whenGone.filter(
          ({ permission: { verb, resource } }) => verb === 'delete' && resource !== 'persistentvolumeclaims',
        );
        await assertRefused(cluster, release, 'undo', deleting);
        expectCode(await restricted.run('undo', name, ...inStore));
        assert.match((await kubectl.run('get', workload)).stderr, /not found/, 'it is gone again');
      });
    });
  }
});
