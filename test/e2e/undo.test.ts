import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/model/json/json.ts';
import { uidOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cutOff } from './support/cut-off.ts';
import { exactObjects } from './support/exact-objects.ts';
import { aCart, CART_LABELS } from './support/fixtures/a-cart.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { ask, podsOf } from './support/memcached.ts';
import { isGone } from './support/objects.ts';
import { expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { hasField } from './support/wait-for.ts';

const cluster = await ensureCluster();

describe('undo', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`after a bad upgrade: what the restore took away is back, and Helm goes on (${binary.name})`, async () => {
      const simple = { ...RICH_VALUES, podDisruptionBudget: { enabled: false } };
      await using release = await aRelease(cluster, binary).withPassword().withValues(simple).installed();
      const { cli, helm, kubectl, name, values } = release;
      await cli.ok('backup', name);
      const upgraded = { ...values, ...NEXT_VALUES, podDisruptionBudget: { enabled: true } };
      await release.upgrade(upgraded);
      const before = await exactObjects(kubectl, name);
      await cli.ok('restore', name, '--yes');
      assert.equal((await exactObjects(kubectl, name))[`PodDisruptionBudget/${name}`], undefined);

      const report = await cli.json(['undo', name, '--yes']);

      assert.equal(report.outcome, 'proved');
      assert.deepEqual(await exactObjects(kubectl, name), before);
      await assertSettings(release, NEXT_SETTINGS);
      const history = await helm.history(name);
      assert.deepEqual(
        history.map(({ status }) => status),
        ['superseded', 'superseded', 'superseded', 'deployed'],
        'a new revision',
      );
      assert.deepEqual(JSON.parse(await helm.ok('get', 'values', name, '-o', 'json')), upgraded);

      const again = expectCode(await cli.run('undo', name, '--yes'), 1);
      assert.match(again.stderr, /was undone already/);

      await release.upgrade(values);
      await assertSettings(release, RICH_SETTINGS);
      assert.equal((await exactObjects(kubectl, name))[`PodDisruptionBudget/${name}`], undefined);
      await helm.ok('uninstall', name);
    });
  }

  test('puts back what the restore replaced although it was no longer tied to the release', async () => {
    const service = (selector: JsonObject): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart' },
      spec: { selector, ports: [{ port: 11211 }] },
    });
    await using cart = await aCart(cluster, {}, [service(CART_LABELS)]);
    const { cli, kubectl } = cart;
    const selector = async () => JSON.parse(await kubectl.objects.field('service/cart', '.spec.selector'));
    await cli.ok('backup', 'cart');
    await kubectl.ok(
      'patch',
      'service',
      'cart',
      '--type=merge',
      '-p',
      '{"spec":{"selector":{"to":"others"}}}',
    );
    const drifted = await selector();
    for (const wasDeleted of [false, true]) {
      if (wasDeleted) await kubectl.objects.delete('deployment/cart');
      const restored = expectCode(await cli.run('restore', 'cart', '--yes'));
      assert.match(restored.stderr, /replace {2}service\/cart/);
      assert.deepEqual(await selector(), CART_LABELS);
      const [pod] = await podsOf(kubectl, 'cart');
      if (!wasDeleted) await ask(kubectl, pod!, 'cache_memlimit 16');

      const undone = expectCode(await cli.run('undo', 'cart', '--yes'), wasDeleted ? 0 : 5);

      assert.deepEqual(await selector(), drifted);
      if (wasDeleted) assert.match(undone.stderr, /Empties 1 cache/);
      else {
        assert.match(undone.stderr, /No cache is emptied.\n(.*\n)*.*run with other settings than before/);
        assert.match(
          undone.stdout,
          /Not proved: .*maxbytes is 16777216 \(16 MiB\), before it was 8388608 \(8 MiB\)/,
        );
        assert.deepEqual((await podsOf(kubectl, 'cart')).map(uidOf), [uidOf(pod!)], 'no pod is restarted');
      }
      assert.equal((await kubectl.objects.find('deployment/cart')) === undefined, wasDeleted);
    }
  });

  test('whose pods do not come up again is completed by the next', async () => {
    await using release = await aRelease(cluster, cluster.helms[1]!).withValues(RICH_VALUES).installed();
    const { cli, helm, kubectl, name, values } = release;
    await cli.ok('backup', name);
    await release.upgrade({ ...values, ...NEXT_VALUES });
    const before = await exactObjects(kubectl, name);
    await cli.ok('restore', name, '--yes');
    await kubectl.ok('create', 'quota', 'full', '--hard=pods=1');
    await hasField(kubectl, 'resourcequota/full', { path: '.status.used.pods', value: '1' }, 30_000);

    const stuck = expectCode(await cli.run('undo', name, '--yes', '--timeout=4s'), 1);

    assert.match(stuck.stderr, /exceeded quota: full/);
    assert.match(stuck.stderr, new RegExp(`To complete it: .*undo ${name} -n \\S+ --store ${cli.store}`));
    await kubectl.objects.delete('quota/full');
    expectCode(await cli.run('undo', name, '--yes'));
    assert.deepEqual(await exactObjects(kubectl, name), before);
    await assertSettings(release, NEXT_SETTINGS);
    assert.equal((await helm.history(name)).at(-1)?.status, 'deployed');
    assert.match(expectCode(await cli.run('undo', name, '--yes'), 1).stderr, /was undone already/);
  });

  test('after a namespace was gone: removes all that the restore created, and the namespace unless somebody used it', async () => {
    await using release = await aRelease(cluster, cluster.helms[1]!).withValues(RICH_VALUES).installed();
    const { cli, helm, kubectl, name, namespace } = release;
    await cli.ok('backup', name);
    await kubectl.objects.delete(`namespace/${namespace}`);
    await cli.ok('restore', name, '--yes');

    await cli.ok('undo', name, '--yes');

    await kubectl.objects.until(`namespace/${namespace}`, isGone);

    await cli.ok('restore', name, '--yes');
    await kubectl.ok('create', 'configmap', 'of-somebody', '--from-literal=a=b');
    await kubectl.ok('create', 'cronjob', 'nightly', '--image=none', '--schedule=0 0 1 1 *');
    await kubectl.ok('run', 'by-hand', '--image=none', '--restart=Never');

    const undone = expectCode(await cli.run('undo', name, '--yes'));

    assert.match(
      undone.stderr,
      /stays: it holds configmap\/of-somebody, pod\/by-hand, cronjob\.batch\/nightly$/m,
    );
    for (const object of ['configmap/of-somebody', 'pod/by-hand', 'cronjob/nightly'])
      await kubectl.objects.get(object);
    assert.deepEqual(await exactObjects(kubectl, name), {});
    assert.match((await helm.run('history', name)).stderr, /not found/);
  });

  test('stops where somebody changed something or Helm went on since, and says what', async () => {
    await using release = await aRelease(cluster, cluster.helms[1]!).withValues(RICH_VALUES).installed();
    const { cli, kubectl, name, values } = release;
    assert.match(expectCode(await cli.run('undo', name, '--yes'), 1).stderr, /no restore of .* is on record/);
    await cli.ok('backup', name);
    await kubectl.ok('patch', 'service', name, '-p', '{"spec":{"sessionAffinity":"ClientIP"}}');
    await cli.ok('restore', name, '--yes');
    await kubectl.ok('patch', 'service', name, '-p', '{"spec":{"publishNotReadyAddresses":true}}');
    const changed = await exactObjects(kubectl, name);

    const refused = expectCode(await cli.run('undo', name, '--yes'), 1);

    assert.match(refused.stderr, new RegExp(`service/${name} was changed since the restore`));
    assert.deepEqual(await exactObjects(kubectl, name), changed, 'nothing was written');

    await cli.ok('restore', name, '--yes');
    await release.upgrade({ ...values, ...NEXT_VALUES });
    assert.match(
      expectCode(await cli.run('undo', name, '--yes'), 1).stderr,
      /Helm went on to revision 2 since the restore/,
    );
  });
});

describe('two restores of one release', { concurrency: true }, () => {
  test('one is refused and says who holds it; one that died gives way at once', async () => {
    await using release = await aRelease(cluster, cluster.helms[1]!).withValues(RICH_VALUES).installed();
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    await kubectl.ok('set', 'env', `deployment/${name}`, 'TIER=other');

    const both = await Promise.all([
      cli.run('restore', name, '--yes'),
      cli.run('restore', name, '--yes'),
      cli.run('restore', name, '--yes'),
    ]);

    const done = both.filter(({ code }) => code === 0);
    assert.ok(done.length >= 1, both.map(({ stderr }) => stderr).join('\n'));
    for (const { stderr, code } of both.filter(({ code }) => code !== 0)) {
      assert.equal(code, 1, stderr);
      assert.match(stderr, /is being restored or undone by \S+@\S+\/\d+/);
    }
    assert.ok(
      both.some(({ code }) => code === 1),
      'they met',
    );
    const lease = `memcached-backup.${name}`;
    assert.equal(await kubectl.objects.find(`lease/${lease}`), undefined, 'the Lease is given back');

    await kubectl.ok('set', 'env', `deployment/${name}`, 'TIER=another');
    await cutOff(release, ['restore', name, '--yes'], { signal: 'SIGKILL', line: 1 });
    await kubectl.objects.get(`lease/${lease}`);
    expectCode(await cli.run('restore', name, '--yes'));
    await assertSettings(release, RICH_SETTINGS);
  });

  test('one whose holder is alive on another machine is refused until its Lease runs out', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    await kubectl.ok('set', 'env', `deployment/${name}`, 'TIER=other');
    const now = new Date().toISOString().replace('Z', '000Z');
    await kubectl.apply({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: `memcached-backup.${name}` },
      spec: {
        holderIdentity: 'ada@elsewhere/77',
        leaseDurationSeconds: 30,
        acquireTime: now,
        renewTime: now,
      },
    });

    const refused = expectCode(await cli.run('restore', name, '--yes'), 1);

    assert.match(refused.stderr, /is being restored or undone by ada@elsewhere\/77/);
    const past = new Date(Date.now() - 600_000).toISOString().replace('Z', '000Z');
    await kubectl.ok(
      'patch',
      'lease',
      `memcached-backup.${name}`,
      '-p',
      JSON.stringify({ spec: { renewTime: past } }),
    );
    assert.equal((await cli.json(['restore', name, '--yes'])).outcome, 'proved');
  });
});
