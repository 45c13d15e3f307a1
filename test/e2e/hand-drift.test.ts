import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { helmGoesOn } from './support/helm-goes-on.ts';
import { recordingProxy } from './support/recording-proxy.ts';
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

  test('a controller that writes an object between read and write does not stop a restore', async () => {
    await using release = await aRelease(cluster, cluster.helms.at(-1)!).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
    const { kubectl, name, fullname } = release;
    await cli.ok('backup', name);
    await kubectl.ok('set', 'env', `deployment/${fullname}`, 'DEBUG=1');
    // What the API server answers to a PUT whose resourceVersion is no longer the live one.
    const conflict = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Conflict', code: 409 };
    const refused = new Set<string>();
    proxy.fault = ({ method, path }) => {
      const asked = /dryRun=All/.test(path) ? 'dry run' : 'write';
      if (method !== 'PUT' || !/\/deployments\//.test(path) || refused.has(asked)) return undefined;
      refused.add(asked);
      return { status: 409, body: JSON.stringify({ ...conflict, message: 'the object has been modified' }) };
    };

    await cli.ok('restore', name, '--yes');

    assert.deepEqual([...refused], ['dry run', 'write']);
    const env = await kubectl.ok('set', 'env', `deployment/${fullname}`, '--list');
    assert.doesNotMatch(env, /DEBUG/);
  });
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
