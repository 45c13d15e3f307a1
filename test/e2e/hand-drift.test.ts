import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { exactObjects } from './support/exact-objects.ts';
import { helmGoesOn } from './support/helm-goes-on.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { manifestsOf, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

describe('drift made by hand', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`restore is exact, field owners too, and Helm goes on without a conflict (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      await release.cli.ok('backup', release.name);
      const manifests = manifestsOf(newestBackup(release.cli.store));
      const objects = await exactObjects(release.kubectl, release.name);
      await driftByHand(release);
      assert.notDeepEqual(await exactObjects(release.kubectl, release.name), objects);

      await release.cli.ok('restore', release.name, '--yes');

      assert.deepEqual(await exactObjects(release.kubectl, release.name), objects);
      await release.cli.ok('backup', release.name);
      assert.deepEqual(manifestsOf(newestBackup(release.cli.store)), manifests);
      await helmGoesOn(release);
    });
  }
});

async function driftByHand({ kubectl, fullname }: TestRelease): Promise<void> {
  const deployment = `deployment/${fullname}`;
  await kubectl.ok('set', 'env', deployment, 'REGION=south', 'DEBUG=1');
  await kubectl.ok('scale', deployment, '--replicas=3');
  const wrongMemory = [{ op: 'replace', path: '/spec/template/spec/containers/0/args/1', value: '8' }];
  await kubectl.ok('patch', deployment, '--type=json', '-p', JSON.stringify(wrongMemory));
  await kubectl.ok('annotate', deployment, 'example.org/by-hand=yes');
  await kubectl.ok('patch', 'service', fullname, '-p', '{"spec":{"sessionAffinity":"ClientIP"}}');
  await kubectl.ok('label', 'configmap', fullname, 'example.org/by-hand=yes');
  await kubectl.ok('delete', 'poddisruptionbudget', fullname);
}
