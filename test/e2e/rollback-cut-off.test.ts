import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../src/model/json/json.ts';
import { uidOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cutOff, cutOffAtWrite } from './support/cut-off.ts';
import { aCart, CART_LABELS, type CartWish, cartWorkload } from './support/fixtures/a-cart.ts';
import { ask, fillCache, itemCount, podsOf, statsSettings } from './support/memcached.ts';
import { describe as describeRun, type Outcome } from './support/process.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import type { Fixture } from './support/release.ts';

const cluster = await ensureCluster();
const MIB = 2 ** 20;
/** By kill -9, and by Ctrl-C or SIGTERM. */
const CUTS_OF_A_KIND = Number(process.env.MEMCACHED_BACKUP_CUTS ?? 1);

const SERVICE: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'cart', labels: { ...CART_LABELS, state: 'good' } },
  spec: { selector: CART_LABELS, ports: [{ port: 11211 }] },
};
const [GOOD, BAD] = [16, 8];
const sized = (megabytes: number): CartWish => ({
  spec: { replicas: 2 },
  container: { command: ['memcached', '-m', `${megabytes}`] },
});

/** A line of the run's journal, or a request of it that writes, and on which side of it. */
type Moment = { line: number } | { write: number; side: 'before' | 'after' };

/** Lines: the start, two of the Service, and what is the mode's own. Writes: Lease, Service, its owners … Lease. */
function momentsOf(lines: number, writes: number): Moment[] {
  const own = Array.from({ length: writes }, (_, i) => i + 1);
  return [
    ...Array.from({ length: lines }, (_, i) => ({ line: i + 1 })),
    ...own.flatMap((write) => (['before', 'after'] as const).map((side) => ({ write, side }))),
  ];
}

describe('a rollback that is cut off', { concurrency: 2 }, () => {
  for (const { mode, flags, moments } of [
    { mode: 'with its restarts', flags: [], moments: momentsOf(5, 6) },
    { mode: 'without a restart', flags: ['--without-restart'], moments: momentsOf(5, 4) },
  ]) {
    test(`${mode}: undo, or the same again, makes the release whole`, async () => {
      await using cart = await aCart(cluster, sized(GOOD), [SERVICE]);
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      const { cli, kubectl } = cart;
      const keepsPods = flags.length > 0;
      const words = ['rollback', 'cart', '--yes', ...flags];
      await cli.ok('backup', 'cart');
      await sleep(1000);
      await spoil(cart);
      await cli.ok('backup', 'cart');
      if (keepsPods) for (const pod of await podsOf(kubectl, 'cart')) await fillCache(kubectl, pod, 10);
      const uids = await uidsOf(cart);

      for (let cut = 0; cut < 2 * CUTS_OF_A_KIND; cut++) {
        const place = (Math.floor(cut / 2) + 0.5) / CUTS_OF_A_KIND;
        const moment = moments[Math.round(place * (moments.length - 1))]!;
        const signal = cut % 2 === 0 ? 'SIGKILL' : cut % 4 === 1 ? 'SIGINT' : 'SIGTERM';
        const isUndone = (cut + (cut >> 1)) % 2 === 0;
        const run =
          'line' in moment
            ? await cutOff(cart, words, { signal, line: moment.line })
            : await cutOffAtWrite(cart, proxy, words, { signal, ...moment });
        const what = `${signal} at ${JSON.stringify(moment)}, then ${isUndone ? 'undo' : 'again'}\n${describeRun(run)}`;
        assert.ok([137, 130, 0, 5].includes(run.code ?? -1), what);

        const completion = await onceFree(() => cli.run(...(isUndone ? ['undo', 'cart', '--yes'] : words)));
        const told = `${what}\n${describeRun(completion)}`;
        if (isUndone && completion.code === 1)
          assert.match(completion.stderr, /no restore of cart|was undone already|wrote nothing/, told);
        else assert.ok(completion.code === 0 || completion.code === 5, told);

        assert.deepEqual(await stateOf(cart), stateAt(isUndone ? BAD : GOOD), told);
        if (keepsPods) {
          assert.deepEqual(await uidsOf(cart), uids, `no pod ended: ${told}`);
          for (const pod of await podsOf(kubectl, 'cart'))
            assert.equal(await itemCount(kubectl, pod), 10, told);
        }
        if (!isUndone) await (keepsPods ? spoilRunning(cart) : spoil(cart));
      }
      assert.equal(await kubectl.objects.find('lease/memcached-backup.cart'), undefined);
    });
  }
});

/** Somebody's upgrade: less memory, and a label. */
async function spoil({ kubectl }: Fixture): Promise<void> {
  await kubectl.apply(cartWorkload(cluster, sized(BAD)));
  await kubectl.ok('rollout', 'status', 'deployment/cart');
  await kubectl.ok('label', 'service', 'cart', 'state=bad', '--overwrite');
}

/** The same again, of servers that run. */
async function spoilRunning({ kubectl }: Fixture): Promise<void> {
  for (const pod of await podsOf(kubectl, 'cart')) await ask(kubectl, pod, `cache_memlimit ${BAD}`);
  await kubectl.ok('label', 'service', 'cart', 'state=bad', '--overwrite');
}

const stateAt = (megabytes: number) => ({
  label: megabytes === BAD ? 'bad' : 'good',
  maxbytes: [megabytes, megabytes].map((size) => `${size * MIB}`),
});

async function stateOf({ kubectl }: Fixture): Promise<ReturnType<typeof stateAt>> {
  await kubectl.ok('rollout', 'status', 'deployment/cart');
  const label = await kubectl.objects.field('service/cart', '.metadata.labels.state');
  const settings = await statsSettings(kubectl, 'cart');
  return { label, maxbytes: settings.map(({ maxbytes = '' }) => maxbytes) };
}

async function uidsOf({ kubectl }: Fixture): Promise<unknown[]> {
  return (await podsOf(kubectl, 'cart')).map(uidOf).sort();
}

/** A killed one's Lease gives way at once; one that was interrupted may still be giving it back. */
async function onceFree(attempt: () => Promise<Outcome>): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const outcome = await attempt();
    if (tries === 30 || !/is being restored/.test(outcome.stderr)) return outcome;
    await sleep(500);
  }
}
