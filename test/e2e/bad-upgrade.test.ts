import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrayAt, type JsonObject, numberAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { aCart, type CartWish, cartWorkload } from './support/fixtures/a-cart.ts';
import { assertSettings, helmGoesOn } from './support/helm-goes-on.ts';
import { podsOf } from './support/memcached.ts';
import {
  assertRefused,
  lackingOne,
  rulesOf,
  usersWithoutOne,
  withExactly,
} from './support/permitted-users.ts';
import { expectCode, run } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { rolledOut } from './support/rollout.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

/** The next second has begun: ids are told to the second. */
async function until(moment: string): Promise<void> {
  await sleep(Math.max(0, Date.parse(moment) + 1000 - Date.now()));
}

describe('a bad helm upgrade', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`restore brings the settings back to every pod, and Helm goes on (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues({ ...RICH_VALUES, replicaCount: 2 })
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
      await rolledOut(release.kubectl, `deployment/${release.fullname}`, 30_000);
    });
  }

  test('a backup of the crash loop is marked, latest all the same, and @healthy leads out of it', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).named('cache').installed();
    const { cli, name, namespace } = release;
    await cli.ok('backup', name, '--note', 'before 1.7');
    const healthy = newestBackup(cli.store).document.id;
    const moment = new Date().toISOString().replace(/\.\d+/, '');
    await until(moment);
    await release.upgradeBadly({ ...release.values, memcached: { maxConnections: 16 } });
    await eventually(async () => {
      assert.match(await cli.ok('status', '--no-headers'), / STUCK /);
    });
    await cli.ok('backup', name);
    const sick = newestBackup(cli.store).document;
    assert.match(sick.health.unfinished?.join() ?? '', /deployment\.apps\/cache/);

    const listed = await cli.ok('list', name, '--live', '--no-headers');
    assert.match(listed, new RegExp(`${sick.id} .* no,rollout +-m \\d+ -c 16 +same `));
    assert.match(listed, new RegExp(`${healthy} .* yes +-m \\d+ -c 256 +differs +before 1\\.7 `));
    assert.match(await cli.ok('show', `${name}@${sick.id}`), /^Healthy: +no: a rollout was not finished/m);
    assert.match(await cli.ok('show', `${name}@${moment}`), /^Note: +before 1\.7$/m);

    const planned = expectCode(await cli.run('restore', name, '--dry-run'));
    assert.match(planned.stdout, new RegExp(`to backup ${sick.id}`));
    assert.match(planned.stdout, new RegExp(`not healthy .*is ${name}@${healthy} \\(${name}@healthy\\)`));
    assert.match(planned.stderr, /^Dry run: nothing was written$/m);
    const elsewhere = expectCode(await run(BINARY, ['restore', name, '-n', 'default'], { env: cli.env }), 1);
    assert.match(
      elsewhere.stderr,
      new RegExp(`no backup of ${name} in namespace default; the store holds 2 in namespace ${namespace}`),
    );
    assert.match(
      elsewhere.stderr,
      new RegExp(`^Next: kubectl memcached-backup restore ${name} -n ${namespace} `, 'm'),
    );

    // As -o name prints it, without -n: the namespace is in it.
    const [piped] = (await cli.ok('list', name, '-o', 'name')).split('\n').slice(1);
    assert.equal(piped, `${namespace}/${name}@${healthy}`);
    const client = expectCode(await run(BINARY, ['restore', piped, '--dry-run=client'], { env: cli.env }));
    assert.match(
      client.stdout,
      /replace +deployment\.apps\/cache-memcached: it may differ from the backup; the server was not asked/,
    );
    assert.match(client.stdout, /In context \S+ \(https:/);

    const restored = expectCode(await cli.run('restore', `${name}@healthy`, '--yes'));
    assert.match(
      restored.stderr,
      new RegExp(`${name}@healthy is ${name}@${healthy}, taken .*of the newer ${sick.id}: a rollout`),
    );
    await assertSettings(release, { maxconns: '256' });
    const undoElsewhere = expectCode(await run(BINARY, ['undo', name, '-n', 'default'], { env: cli.env }), 1);
    assert.match(undoElsewhere.stderr, new RegExp(`there is one in namespace ${namespace}$`, 'm'));
  });

  test('a StatefulSet whose new pod never becomes ready: the plan says that it is deleted, and no other pod is', async () => {
    const wish: CartWish = { kind: 'StatefulSet', spec: { replicas: 2 } };
    const bad = (container: JsonObject) => cartWorkload(cluster, { ...wish, container });
    await using cart = await aCart(cluster, wish);
    const { cli, kubectl, namespace } = cart;
    const uidOf = (pod: string) => kubectl.objects.field(`pod/${pod}`, '.metadata.uid');
    const isStuck = (reason: RegExp) =>
      eventually(async () => {
        const pods = await podsOf(kubectl, 'cart');
        const status = arrayAt(pods[1], 'status', 'containerStatuses')[0];
        assert.match(JSON.stringify(status), reason);
      });
    await cli.ok('backup', 'cart');
    const serving = await uidOf('cart-0');
    await kubectl.apply(bad({ image: 'docker.io/library/memcached:9.9.9' }));
    await isStuck(/ImagePullBackOff|ErrImagePull/);
    const doctor = await cli.run('doctor', 'cart', '--only', 'rollout');
    assert.match(doctor.stdout, new RegExp(`pod/cart-1: .*[^]*restore cart -n ${namespace}`));

    const mayNotDelete = await usersWithoutOne(kubectl, await rulesOf(cart, 'restore'), (text) =>
      text.startsWith('delete pods '),
    );
    assert.equal(mayNotDelete.length, 1);
    await assertRefused(cluster, cart, 'restore', mayNotDelete.map(lackingOne));
    let restored = { stdout: '', stderr: '' };
    await withExactly(cluster, cart, 'restore', ['cart'], async (restricted) => {
      const words = ['--yes', '--timeout=60s', '--store', cli.store];
      restored = expectCode(await restricted.run('restore', 'cart', ...words));
    });

    assert.match(
      restored.stderr,
      /delete +pod\/cart-1: it never became ready \(.*Pull.*\) and serves nothing/,
    );
    assert.match(restored.stdout, /pod\/cart-1 deleted: it never became ready/);
    assert.equal(await uidOf('cart-0'), serving, 'a pod that serves is not touched');

    // A crash loop, and somebody has put the object back already: the pod alone is left.
    await kubectl.apply(bad({ command: ['memcached', '-c', '16'] }));
    await isStuck(/CrashLoopBackOff|"exitCode":/);
    await kubectl.apply(cartWorkload(cluster, wish));
    await eventually(async () => {
      const seen = await cli.run('doctor', 'cart', '--only', 'rollout');
      assert.match(seen.stdout, /pod\/cart-1: of an older template; statefulset.apps\/cart waits for it/);
      assert.match(seen.stdout, new RegExp(`kubectl -n ${namespace} delete pod cart-1`));
    });
    const again = expectCode(await cli.run('restore', 'cart', '--yes', '--timeout=60s'));
    assert.match(again.stderr, /delete +pod\/cart-1: it never became ready/);
    assert.equal(await uidOf('cart-0'), serving);
    assert.match(expectCode(await cli.run('restore', 'cart', '--yes')).stderr, /Nothing to do/);
  });
});
