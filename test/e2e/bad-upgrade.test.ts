import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, numberAt } from '../../src/model/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { eventually } from './support/eventually.ts';
import { assertSettings, helmGoesOn } from './support/helm-goes-on.ts';
import { podsOf } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

describe('a bad helm upgrade', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`restore brings the settings back to every pod, and Helm goes on (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      await release.cli.ok('backup', release.name);
      await release.upgrade({ ...release.values, memcached: { maxMemory: 8, maxConnections: 64 } });
      await assertSettings(release, { maxbytes: String(8 * 1024 * 1024), maxconns: '64' });

      await release.cli.json(['restore', release.name, '--yes']);

      await assertSettings(release, RICH_SETTINGS);
      const history = await release.helm.history(release.name);
      assert.deepEqual(
        history.map((entry) => entry.status),
        ['superseded', 'superseded', 'deployed'],
      );
      assert.ok(
        history[2]?.description.includes(newestBackup(release.cli.store).document.id),
        `the new revision's description names the backup: ${history[2]?.description}`,
      );
      const values = JSON.parse(await release.helm.ok('get', 'values', release.name, '-o', 'json'));
      assert.deepEqual(values, release.values, 'helm get values');
      await helmGoesOn(release);
    });

    test(`restore ends the crash loop of settings that memcached refuses (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).named('cache').installed();
      await release.cli.ok('backup', release.name);
      // Two file descriptors a thread and a reserve: with -c 16 memcached exits at once.
      await release.upgradeBadly({ ...release.values, memcached: { maxConnections: 16 } });
      await eventually(async () => {
        const pods = await podsOf(release.kubectl, release.name);
        const restarts = pods.map((pod) =>
          numberAt(arrayAt(pod, 'status', 'containerStatuses')[0], 'restartCount'),
        );
        assert.ok(
          restarts.some((count) => (count ?? 0) > 0),
          'the new pod crashes',
        );
      });

      expectCode(await release.cli.run('restore', release.name, '--yes'));

      await assertSettings(release, { maxconns: '256' });
      await release.kubectl.ok('rollout', 'status', `deployment/${release.fullname}`, '--timeout=30s');
    });
  }
});
