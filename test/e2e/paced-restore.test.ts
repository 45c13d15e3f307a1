import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, objectAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { type CacheLoad, cacheLoad, type LoadTick, lowestRatio } from './support/cache-load.ts';
import { type AtWrite, cutOffAtWrite } from './support/cut-off.ts';
import { exactObjects, exactObjectsNamed } from './support/exact-objects.ts';
import { cartWorkload } from './support/fixtures/a-cart.ts';
import { applied, aReleaseWithAuthentication } from './support/fixtures/plain-yaml.ts';
import { statsSettings } from './support/memcached.ts';
import { withExactly } from './support/permitted-users.ts';
import { describe as describeRun, expectCode, type Outcome } from './support/process.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease, CACHE_CHART, type Fixture } from './support/release.ts';
import { NEXT_VALUES, RICH_VALUES } from './support/rich-values.ts';
import { rolledOut } from './support/rollout.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];

/** Runs `work` while an application reads from the Service, whose cache is warm by then. */
async function underLoad<T>(
  load: CacheLoad,
  work: () => Promise<T>,
): Promise<{ result: T; ticks: LoadTick[]; errors: LoadTick[] }> {
  await load.warm(0.97);
  const from = load.ticks.length;
  const result = await work();
  const ticks = load.ticks.slice(from);
  await load.end();
  return { result, ticks, errors: load.ticks.filter((tick) => tick.errors > 0) };
}

async function addressOf({ kubectl }: Fixture, service: string): Promise<string> {
  return `${await kubectl.objects.field(`service/${service}`, '.spec.clusterIP')}:11211`;
}

interface Report {
  outcome: string;
  paced: {
    pod: { name: string };
    outcome: string;
    oldHitRatio?: number;
    hitRatio?: number;
    carried?: { stored: number };
  }[];
}

/** Of each kind of end, over both kinds of workload: a few, and all over the restore where somebody wants to know. */
const CUTS_OF_A_KIND = Number(process.env.MEMCACHED_BACKUP_CUTS ?? 2);

/** The writes of a paced restore of two pods, where nothing conflicts; the Lease's first and last one among them. */
const WRITES = {
  // Held, let go and held again for each pod, as it is meant, its owners.
  Deployment: 9,
  // Held, each pod evicted, as it is meant, its owners.
  StatefulSet: 7,
};

describe('a paced restore', { concurrency: 5 }, () => {
  test('of three pods empties one cache at a time, and no request goes unanswered', async () => {
    await using release = await aRelease(cluster, helm3)
      .withValues({ ...RICH_VALUES, replicaCount: 3, podDisruptionBudget: { enabled: false } })
      .installed();
    const { cli, name, kubectl } = release;
    await cli.ok('backup', name);
    const good = await exactObjects(kubectl, name);
    await release.upgrade({ ...release.values, ...NEXT_VALUES, replicaCount: 3 });
    await using load = await cacheLoad({
      server: await addressOf(release, name),
      keys: 250,
      reconnect: '500ms',
    });
    const words = ['restore', name, '--yes', '--paced', '-o', 'json'];
    const { result, ticks, errors } = await underLoad(load, () => cli.run(...words));

    const report = JSON.parse(expectCode(result).stdout) as Report;
    assert.equal(report.outcome, 'proved');
    assert.deepEqual(
      report.paced.map(({ outcome, hitRatio = 0, oldHitRatio = 1 }) => [
        outcome,
        hitRatio >= 0.9 * oldHitRatio,
      ]),
      [1, 2, 3].map(() => ['warm', true]),
      JSON.stringify(report.paced),
    );
    assert.deepEqual(errors, [], 'every request was answered');
    assert.deepEqual(
      await exactObjects(kubectl, name),
      good,
      'strategy, fields and their owners are as before',
    );

    // One of three, or of four while one is too many, has nothing; the others have what they had.
    assert.ok(lowestRatio(ticks) >= 0.5, `${lowestRatio(ticks)}: ${JSON.stringify(ticks)}`);
  });

  test('of a StatefulSet gives each pod what its predecessor held, and leaves it to Helm as it was', async () => {
    await using release = await aRelease(cluster, helm4)
      .named('ring')
      .fromChart(CACHE_CHART, {
        image: cluster.images.memcached,
        kind: 'StatefulSet',
        replicaCount: 2,
        cacheSize: 32,
      })
      .installed();
    const { cli, name, kubectl, values } = release;
    // An address that any of its pods answers at; the chart has none.
    await kubectl.objects.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'any-of-ring' },
      spec: { selector: { 'app.kubernetes.io/instance': name }, ports: [{ port: 11211 }] },
    });
    await cli.ok('backup', name);
    const good = await exactObjectsNamed(kubectl, ['statefulset/ring']);
    await release.upgrade({ ...values, cacheSize: 24 });
    await using load = await cacheLoad({
      server: await addressOf(release, 'any-of-ring'),
      keys: 600,
      rate: 1000,
      reconnect: '500ms',
    });

    const words = ['restore', name, '--yes', '--paced', '--warm-from-old', '-o', 'json'];
    let restored: Awaited<ReturnType<typeof underLoad<Outcome>>> | undefined;
    await withExactly(cluster, release, 'restore', [name], async (restricted) => {
      restored = await underLoad(load, () => restricted.run(...words, '--store', cli.store));
    });
    const { result, ticks, errors } = restored!;

    const report = JSON.parse(expectCode(result).stdout) as Report;
    assert.deepEqual(
      report.paced.map(({ pod, outcome, carried }) => [pod.name, outcome, (carried?.stored ?? 0) > 400]),
      [
        ['ring-0', 'warm', true],
        ['ring-1', 'warm', true],
      ],
      JSON.stringify(report.paced),
    );
    assert.deepEqual(errors, [], 'every request was answered');
    assert.ok(lowestRatio(ticks) >= 0.5, `the other pod has what it had: ${lowestRatio(ticks)}`);
    assert.deepEqual(await exactObjectsNamed(kubectl, ['statefulset/ring']), good);
    await release.upgrade({ ...values, cacheSize: 24 });
  });

  test('asks a server with users as one of them', async () => {
    const plain = aReleaseWithAuthentication(cluster);
    const [secret, deployment] = plain.objects as [JsonObject, JsonObject];
    const withMemory = (memory: string): JsonObject => {
      const copy = structuredClone(deployment);
      objectAt(copy, 'spec')!.replicas = 2;
      const container = objectAt(arrayAt(copy, 'spec', 'template', 'spec', 'containers')[0])!;
      container.command = ['memcached', '-m', memory, '-Y', '/etc/memcached/users'];
      return copy;
    };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'guarded' },
      spec: { selector: { app: 'guarded' }, ports: [{ port: 11211 }] },
    };
    await using release = await applied(cluster, { ...plain, objects: [secret, withMemory('32'), service] });
    const { cli, kubectl } = release;
    await cli.ok('backup', 'guarded');
    await kubectl.apply(withMemory('16'));
    await rolledOut(kubectl, 'deployment/guarded');
    const login = `app ${plain.secrets![0]}`;
    await using load = await cacheLoad({
      server: await addressOf(release, 'guarded'),
      keys: 300,
      reconnect: '500ms',
      login,
    });

    const words = [
      'restore',
      'guarded',
      '--yes',
      '--paced',
      '--hit-ratio',
      '0.8',
      '--warm-from-old',
      '-o',
      'json',
    ];
    const { result, errors } = await underLoad(load, () => cli.run(...words));

    const report = JSON.parse(expectCode(result).stdout) as Report;
    assert.deepEqual(
      report.paced.map(({ outcome, carried }) => [outcome, (carried?.stored ?? 0) > 100]),
      [
        ['warm', true],
        ['warm', true],
      ],
      JSON.stringify(report.paced),
    );
    assert.deepEqual(errors, [], 'every request was answered');
  });

  for (const kind of ['Deployment', 'StatefulSet'] as const) {
    test(`that is cut off leaves a ${kind} that undo, or a restore, paced or not, puts right`, async () => {
      const of = (memory: string): JsonObject =>
        cartWorkload(cluster, {
          kind,
          spec: { replicas: 2, ...(kind === 'StatefulSet' ? { serviceName: 'cart' } : {}) },
          container: { command: ['memcached', '-m', memory] },
        });
      const workload = `${kind.toLowerCase()}/cart`;
      await using cart = await applied(cluster, { name: 'cart', objects: [of('16')], ready: workload });
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      const { cli, kubectl } = cart;
      await cli.ok('backup', 'cart');
      const backup = `cart@${newestBackup(cli.store).document.id}`;
      const restore = ['restore', backup, '--yes'];
      const good = await exactObjectsNamed(kubectl, [workload]);

      for (const { completion, ...at } of cutsOf(kind)) {
        await kubectl.apply(of('12'));
        await rolledOut(kubectl, workload);
        const bad = await exactObjectsNamed(kubectl, [workload]);

        const run = await cutOffAtWrite(cart, proxy, [...restore, '--paced'], at);

        const { signal, write, side } = at;
        const what = `${signal} ${side} write ${write}, then ${completion}\n${describeRun(run)}`;
        const isTooLate = /^Restored \S+ to \S+, and proved it/m.test(run.stderr);
        if (!isTooLate) assert.equal(run.code, signal === 'SIGKILL' ? 137 : 130, what);
        const isBack = completion.startsWith('restore');
        const next = [...(isBack ? restore : ['undo', 'cart', '--yes']), ...completion.split(' ').slice(1)];
        const completed = await cli.run(...next);
        // One that came no further than its Lease is none.
        const isNone = !isBack && write === 1 && completed.code === 1;
        if (!isNone) assert.equal(completed.code, 0, `${what}\n${describeRun(completed)}`);

        await rolledOut(kubectl, workload);
        assert.deepEqual(await exactObjectsNamed(kubectl, [workload]), isBack ? good : bad, what);
        const memory = String((isBack ? 16 : 12) * 2 ** 20);
        const settings = await statsSettings(kubectl, 'cart');
        assert.deepEqual(
          settings.map(({ maxbytes }) => maxbytes),
          [memory, memory],
          what,
        );
        assert.equal(await kubectl.objects.find('lease/memcached-backup.cart'), undefined, what);
      }
    });
  }
});

interface Cut extends AtWrite {
  completion: 'undo' | 'undo --paced' | 'restore' | 'restore --paced';
}

/** A kind's share of the cuts, spread over all writes; kill -9 and Ctrl-C take turns, and so do the ways to put it right. */
function cutsOf(kind: keyof typeof WRITES): Cut[] {
  const count = CUTS_OF_A_KIND;
  const turn = kind === 'Deployment' ? 0 : 1;
  return Array.from({ length: count }, (_, at): Cut => {
    const place = count < 3 ? 0.25 + 0.35 * at : at / (count - 1);
    const moment = Math.round(place * (2 * WRITES[kind] - 1));
    return {
      write: 1 + Math.floor(moment / 2),
      side: moment % 2 === 0 ? 'before' : 'after',
      signal: (at + turn) % 2 === 0 ? 'SIGKILL' : 'SIGINT',
      completion: (['undo --paced', 'restore --paced', 'restore', 'undo'] as const)[(at + 2 * turn) % 4]!,
    };
  });
}
