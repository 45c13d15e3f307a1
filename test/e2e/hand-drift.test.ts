import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { aCart, cartWorkload } from './support/fixtures/a-cart.ts';
import { helmGoesOn } from './support/helm-goes-on.ts';
import { podsOf } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { rolledOut } from './support/rollout.ts';
import { assertStillUnproven } from './support/still-unproven.ts';
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

  test('what the API server makes of a template is named before the question, not proved, and restarts nothing', async () => {
    await using cart = await aCart(cluster);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    using cli = cliFor(cluster, { ...cart, kubeconfig: proxy.kubeconfig });
    const { kubectl } = cart;
    const podNames = async () => (await podsOf(kubectl, 'cart')).map(nameOf);
    await cli.ok('backup', 'cart');
    await kubectl.apply(cartWorkload(cluster, { container: { command: ['memcached', '-m', '24'] } }));
    await rolledOut(kubectl, 'deployment/cart');
    // What a mutating webhook would do with each write of the Deployment.
    proxy.mutates = ({ path }, body) =>
      path.includes('/deployments')
        ? body.replace('"memcached","-m","8"', '"memcached","-m","16"')
        : undefined;

    const restored = expectCode(await cli.run('restore', 'cart', '--yes'), 5);

    const change = 'spec.template.spec.containers[memcached].command[2]: "8" → "16"';
    const [plan = ''] = restored.stderr.split('Saved the present state');
    assert.ok(plan.includes(`the API server changes deployment.apps/cart whenever it is written`), plan);
    assert.ok(plan.includes(change), plan);
    assert.match(
      restored.stdout,
      /Not proved: pod\/cart-\S+: maxbytes is 16777216 \(16 MiB\), the backup says 8388608 \(8 MiB\): the API server/,
    );
    const pods = await podNames();
    await assertStillUnproven({ ...cart, cli }, /the API server changes deployment\.apps\/cart/);
    assert.deepEqual(await podNames(), pods, 'no cache was emptied for nothing');
  });
});

async function driftByHand({ kubectl, fullname }: TestRelease): Promise<void> {
  const deployment = `deployment/${fullname}`;
  await kubectl.ok('set', 'env', deployment, 'REGION=south', 'DEBUG=1');
  await kubectl.ok('scale', deployment, '--replicas=2');
  const wrongMemory = [{ op: 'replace', path: '/spec/template/spec/containers/0/args/1', value: '8' }];
  await kubectl.ok('patch', deployment, '--type=json', '-p', JSON.stringify(wrongMemory));
  await kubectl.ok('annotate', deployment, 'example.org/by-hand=yes');
  await kubectl.ok('patch', 'service', fullname, '-p', '{"spec":{"sessionAffinity":"ClientIP"}}');
  await kubectl.ok('label', 'configmap', fullname, 'example.org/by-hand=yes');
  await kubectl.objects.delete(`poddisruptionbudget/${fullname}`);
}
