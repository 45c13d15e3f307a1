import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { cutOffAtWrite } from './support/cut-off.ts';
import { aCart } from './support/fixtures/a-cart.ts';
import { fillCache, itemCount, podsOf } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { type RecordedRequest, recordingProxy, writesAmong } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { roundTripsOf, tripsInWords } from './support/round-trips.ts';

const cluster = await ensureCluster();

describe('a restore that has nothing to do', { concurrency: true }, () => {
  test('asks all at once, and again under its Lease only what may have changed, where there is something to do', async () => {
    await using cart = await aCart(cluster);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    using cli = cliFor(cluster, { namespace: cart.namespace, kubeconfig: proxy.kubeconfig });
    await cli.ok('backup', 'cart');
    await cart.kubectl.ok('annotate', 'deployment/cart', 'example.org/hand=moved');
    proxy.requests.length = 0;

    const trips = await roundTripsOf(proxy, () => cli.ok('restore', 'cart', '--yes'));

    const isWrite = (request: RecordedRequest) =>
      writesAmong([request]).length > 0 && !request.path.includes('/leases');
    const before = trips.findIndex(({ requests }) => requests.some(isWrite));
    assert.ok(before > 0 && before <= 7, tripsInWords(trips));
    const listed = proxy.requests.filter(({ path }) => /\/deployments\?limit/.test(path));
    assert.equal(listed.length, 2, 'for the plan, and under the Lease');
    const tried = proxy.requests.filter(({ path }) => path.includes('dryRun=All'));
    assert.equal(new Set(tried.map(({ path }) => path)).size, tried.length, 'each write is tried once');
  });

  test('takes away the Lease of a restore that was killed when all was done', async () => {
    await using cart = await aCart(cluster);
    const { cli, kubectl } = cart;
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    await cli.ok('backup', 'cart');
    await kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');
    const cut = await cutOffAtWrite(cart, proxy, ['restore', 'cart', '--yes'], {
      write: ({ method, path }) => method === 'DELETE' && path.includes('/leases/'),
      side: 'before',
      signal: 'SIGKILL',
    });
    assert.equal(cut.code, 137, cut.stderr);
    await kubectl.objects.get('lease/memcached-backup.cart');

    const outcome = expectCode(await cli.run('restore', 'cart', '--yes'));

    assert.match(outcome.stderr, /nothing to do/i);
    assert.equal(await kubectl.objects.find('lease/memcached-backup.cart'), undefined);
  });

  for (const binary of cluster.helms) {
    test(`says so, sends no write, moves no object and restarts no pod (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues({ ...RICH_VALUES, replicaCount: 2 })
        .installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      for (const _hour of [1, 2, 3]) await cli.ok('backup', release.name);
      const pods = await podsOf(release.kubectl, release.name);
      for (const pod of pods) await fillCache(release.kubectl, pod, 3);
      const before = await resourceVersions(release.kubectl, release.namespace);
      proxy.requests.length = 0;

      const outcome = expectCode(await cli.run('restore', release.name, '--yes'));
      const asked = proxy.requests.length;
      const trips = await roundTripsOf(proxy, () => cli.json(['restore', release.name, '--yes']));

      assert.ok(trips.length <= 4, tripsInWords(trips));
      const portForwards = proxy.requests.slice(asked).filter(({ path }) => path.includes('/portforward?'));
      assert.equal(portForwards.length, pods.length, 'each pod is asked once');
      assert.match(`${outcome.stdout}${outcome.stderr}`, /nothing to do/i);
      assert.notEqual(proxy.requests.length, 0, 'the proxy was asked');
      assert.deepEqual(writesAmong(proxy.requests), []);
      assert.deepEqual(await resourceVersions(release.kubectl, release.namespace), before);
      for (const pod of pods)
        assert.equal(await itemCount(release.kubectl, pod), 3, 'the cache is as it was');
    });

    test(`a dry run over real damage writes nothing either (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      await cli.ok('backup', release.name);
      await release.upgrade({ ...release.values, memcached: { maxMemory: 8 } });
      const before = await resourceVersions(release.kubectl, release.namespace);
      proxy.requests.length = 0;

      const plan = expectCode(await cli.run('restore', release.name, '--dry-run=server'));

      assert.match(`${plan.stdout}${plan.stderr}`, /replace/, 'the plan is shown');
      assert.deepEqual(writesAmong(proxy.requests), []);
      assert.deepEqual(await resourceVersions(release.kubectl, release.namespace), before);
    });
  }
});
