import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringAt } from '../../src/model/json.ts';
import { nameOf } from '../../src/model/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { assertIsRich, helmGoesOn } from './support/helm-goes-on.ts';
import { askAt, podsOf } from './support/memcached.ts';
import { aRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { manifestsOf, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

describe('a namespace that was deleted', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`restore brings pods, settings, Service and history back (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      const { kubectl, name, cli } = release;
      await cli.ok('backup', name);
      const before = newestBackup(cli.store);
      const history = await release.helm.history(name);
      await kubectl.ok('delete', 'namespace', release.namespace, '--timeout=90s');

      await cli.json(['restore', name, '--yes']);

      await assertIsRich(release);
      await assertServiceAnswers();
      assert.deepEqual(await release.helm.history(name), history, 'helm history');
      const values = JSON.parse(await release.helm.ok('get', 'values', name, '-o', 'json'));
      assert.deepEqual(values, release.values, 'helm get values');

      await cli.ok('backup', name);
      const after = newestBackup(cli.store);
      assert.notEqual(after.folder, before.folder);
      assert.deepEqual(manifestsOf(after), manifestsOf(before), 'manifests/ is identical to the byte');
      assert.deepEqual(after.document.namespace, before.document.namespace, 'labels of the namespace');
      await helmGoesOn(release);

      async function assertServiceAnswers(): Promise<void> {
        const address = stringAt(await kubectl.json('get', 'service', name), 'spec', 'clusterIP');
        const [pod] = await podsOf(kubectl, name);
        assert.match(await askAt(kubectl, nameOf(pod!), address!, 'version'), /^VERSION 1\./);
      }
    });
  }
});
