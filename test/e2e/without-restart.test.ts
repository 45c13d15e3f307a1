import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../src/model/json/json.ts';
import { nameOf, uidOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aCart, type CartWish, cartWorkload } from './support/fixtures/a-cart.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { ask, fillCache, itemCount, podsOf, statsSettings } from './support/memcached.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import { aRelease, type Fixture } from './support/release.ts';

const cluster = await ensureCluster();
const MIB = 2 ** 20;

const uids = async ({ kubectl, name }: Fixture): Promise<unknown[]> =>
  (await podsOf(kubectl, name)).map(uidOf).sort();
const fill = async ({ kubectl, name }: Fixture, items: number): Promise<void> => {
  for (const pod of await podsOf(kubectl, name)) await fillCache(kubectl, pod, items);
};
const items = async ({ kubectl, name }: Fixture): Promise<number[]> =>
  Promise.all((await podsOf(kubectl, name)).map((pod) => itemCount(kubectl, pod)));
const saying = async ({ kubectl, name }: Fixture, setting: string): Promise<(string | undefined)[]> =>
  (await statsSettings(kubectl, name)).map((stats) => stats[setting]);

describe('restore --without-restart', { concurrency: true }, () => {
  for (const [kind, binary] of [
    ['a Deployment', cluster.helms[0]!],
    ['a Deployment', cluster.helms.at(-1)!],
  ] as const) {
    test(`of ${kind}: what memcached can change it has, no cache is lost, the rest is named, and undo puts it back (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .named('cache')
        .withValues({ replicaCount: 2, memcached: { maxMemory: 24, maxConnections: 256 } })
        .installed();
      const { cli, name, helm, kubectl } = release;
      await cli.ok('backup', name);
      await release.upgrade({ ...release.values, memcached: { maxMemory: 8, maxConnections: 128 } });
      await kubectl.ok('label', 'service', '-l', `app.kubernetes.io/instance=${name}`, 'drifted=yes');
      await fill(release, 50);
      const before = await uids(release);
      const history = await helm.history(name);

      let shown = { stdout: '', stderr: '' };
      await withExactly(cluster, release, 'restore', [name], async (restricted) => {
        const words = ['--without-restart', '--yes', '--store', cli.store];
        shown = expectCode(await restricted.run('restore', name, ...words), 5);
      });

      assert.match(shown.stderr, /set {6}pod\/\S+: maxbytes 8388608 \(8 MiB\) → 25165824 \(24 MiB\), for as/);
      assert.match(
        shown.stderr,
        /leave {4}deployment\.apps\/\S+ \(writing it would end pods\): maxconns 128 → 256/,
      );
      assert.match(shown.stderr, /No cache is emptied\./);
      assert.match(shown.stdout, /^pod\/\S+: maxbytes .* at run time$/m);
      assert.match(shown.stdout, /maxconns is 128, the backup says 256: left for its next start/);
      assert.match(shown.stderr, /^Left for the next restart: deployment\.apps\/\S+ .*maxconns 128 → 256/m);
      assert.match(
        shown.stderr,
        /^To complete it, which ends these pods: kubectl memcached-backup .*restore \S+ /m,
      );
      assert.deepEqual(await uids(release), before, 'no pod ended');
      assert.deepEqual(await items(release), [50, 50]);
      assert.deepEqual(
        await saying(release, 'maxbytes'),
        [24, 24].map((size) => `${size * MIB}`),
      );
      assert.deepEqual(await helm.history(name), history, "Helm's record says what is there");
      const [service] = await kubectl.objects.list('services', `app.kubernetes.io/instance=${name}`);
      assert.equal(stringAt(service, 'metadata', 'labels', 'drifted'), undefined, 'the rest was written');

      const again = expectCode(await cli.run('restore', name, '--without-restart', '--yes'), 5);
      assert.match(again.stderr, /Nothing was written/);
      assert.doesNotMatch(again.stderr, /set {6}pod/);
      const doctor = await cli.run('doctor', name, '--only', 'restore,rollout');
      assert.match(doctor.stdout, /MB464 .*was carried out without a restart/);
      assert.match(doctor.stdout, /maxconns 128 → 256/);
      // What it wrote is not as Helm's record has it, and yet nobody changed it by hand.
      assert.doesNotMatch(doctor.stdout, /^ *\w+ +MB520/m);

      const undone = expectCode(await cli.run('undo', name, '--yes'));
      assert.match(undone.stderr, /set {6}pod\/\S+: maxbytes 25165824 \(24 MiB\) → 8388608 \(8 MiB\)/);
      assert.deepEqual(
        await saying(release, 'maxbytes'),
        [8, 8].map((size) => `${size * MIB}`),
      );
      assert.deepEqual(await uids(release), before);
      assert.doesNotMatch((await cli.run('doctor', name, '--only', 'restore')).stdout, /MB464/);

      // Once more, and then a plain one completes it.
      expectCode(await cli.run('restore', name, '--without-restart', '--yes'), 5);
      const report = await cli.json(['restore', name, '--yes']);
      assert.equal(report.outcome, 'proved');
      await assertSettings(release, { maxbytes: `${24 * MIB}`, maxconns: '256' });
      assert.doesNotMatch((await cli.run('doctor', name, '--only', 'restore')).stdout, /MB464/);
    });
  }

  test('of a StatefulSet: what somebody sent to the servers goes back, a server that went on is left alone, and so is a limit that its container could not hold', async () => {
    const wish: CartWish = {
      kind: 'StatefulSet',
      spec: { replicas: 2 },
      container: { resources: { limits: { memory: '48Mi' }, requests: { cpu: '1m', memory: '8Mi' } } },
    };
    await using cart = await aCart(cluster, wish);
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await fill(cart, 20);
    const before = await uids(cart);
    for (const pod of await podsOf(kubectl, 'cart')) {
      await ask(
        kubectl,
        pod,
        'cache_memlimit 16',
        'verbosity 1',
        'lru tune 10 25 0.1 1.5',
        'slabs automove 2',
      );
    }
    await kubectl.ok(
      'patch',
      'statefulset',
      'cart',
      '--type=merge',
      '-p',
      '{"metadata":{"labels":{"a":"b"}}}',
    );

    const report = await cli.json(['restore', 'cart', '--without-restart', '--yes']);

    assert.equal(report.outcome, 'proved');
    const tuned = arrayAt(report, 'tuned');
    assert.deepEqual(
      tuned.map((each) => [stringAt(each, 'pod'), arrayAt(each, 'commands')]),
      ['cart-0', 'cart-1'].map((pod) => [
        pod,
        ['cache_memlimit 8', 'verbosity 0', 'slabs automove 1', 'lru tune 20 40 0.20 2.00'],
      ]),
    );
    assert.deepEqual(await items(cart), [20, 20]);
    assert.deepEqual(await uids(cart), before);

    // One pod went on, by somebody else; one was killed meanwhile. Neither is touched by the undo.
    const [first] = (await podsOf(kubectl, 'cart')).filter((pod) => nameOf(pod) === 'cart-0');
    await ask(kubectl, first!, 'cache_memlimit 12');
    const undone = expectCode(await cli.run('undo', 'cart', '--yes'), 5);
    assert.match(
      undone.stderr,
      /maxbytes of pod\/cart-0 was changed since, to 12582912 \(12 MiB\), and stays/,
    );
    assert.deepEqual(await saying(cart, 'maxbytes'), [`${12 * MIB}`, `${16 * MIB}`]);
    assert.deepEqual(await saying(cart, 'verbosity'), ['1', '1']);

    await ask(kubectl, first!, 'cache_memlimit 8');
    await kubectl.apply(
      cartWorkload(cluster, {
        ...wish,
        container: { ...wish.container, command: ['memcached', '-m', '64'] },
      }),
    );
    await kubectl.ok('rollout', 'status', 'statefulset/cart');
    await cli.ok('backup', 'cart');
    await kubectl.apply(cartWorkload(cluster, wish));
    await kubectl.ok('rollout', 'status', 'statefulset/cart');
    const { plan } = await cli.json(['restore', 'cart', '--without-restart', '--dry-run'], 5);
    const runtime = objectAt(plan as JsonObject, 'runtime') ?? {};
    assert.deepEqual(arrayAt(runtime, 'changes'), []);
    const [left] = arrayAt(runtime, 'left');
    assert.match(stringAt(arrayAt(left, 'settings')[0], 'why') ?? '', /memory limit would not hold it/);
  });

  test('is refused with what ends pods', async () => {
    await using cart = await aCart(cluster);
    for (const flag of ['--paced', '--restart', '--into=elsewhere', '--recreate']) {
      const refused = expectCode(await cart.cli.run('restore', 'cart', '--without-restart', flag), 2);
      assert.match(refused.stderr, /--without-restart/, flag);
    }
  });
});
