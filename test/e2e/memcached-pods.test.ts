import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { type MemcachedOptions, openMemcached } from '../../src/memcached/memcached-client.ts';
import type { JsonObject } from '../../src/model/json/json.ts';
import { nameOf, uidOf } from '../../src/model/kubernetes/object.ts';
import { settingsOfFlags } from '../../src/model/settings/memcached-flags.ts';
import { compareSettings } from '../../src/model/settings/settings.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { podSettings } from '../support/pod-settings.ts';
import { connectProxy } from './support/connect-proxy.ts';
import { eventually } from './support/eventually.ts';
import { flatKubeconfig, writeKubeconfig } from './support/kubeconfig.ts';
import { kubectlIn } from './support/kubectl.ts';
import { isGone } from './support/objects.ts';
import { hasCondition } from './support/wait-for.ts';

const cluster = await ensureCluster();
const namespace = `mb-e2e-pods-${randomBytes(4).toString('hex')}`;
const kubectl = kubectlIn(cluster, namespace);
const flags = { asGroups: [], asUserExtra: {}, kubeconfig: cluster.kubeconfig, namespace };
const kube = await connectKube(flags);

/** Many flags at once; each must show in `stats settings` as settingsOfFlags says. */
const RICH =
  '-m96 -c 2048 --slab-growth-factor=1.5 -n 64 -I 2m -t 2 -R 30 -b 512 -vv -M -CF --enable-shutdown -D | -U 0 ' +
  '-o hashpower=18,idle_timeout=90,no_lru_crawler,lru_crawler_sleep=50 -o no_maxconns_fast,hot_lru_pct=15,' +
  'hot_max_factor=0.3,temporary_ttl=30,worker_logbuf_size=128,watcher_logbuf_size=512,read_buf_mem_limit=1,' +
  'slab_automove=2,slab_automove_ratio=0.75,slab_automove_window=20,tail_repair_time=30,hash_algorithm=jenkins';
/** One pod, one server a port: each speaks for a way that a server can be found. */
const SERVERS = {
  rich: { port: 11301, args: RICH.split(' ') },
  auth: {
    port: 11302,
    script: 'echo "tester:open-sesame" > /tmp/auth; exec memcached -p 11302 -Y /tmp/auth',
  },
  binary: { port: 11303, args: ['-B', 'binary'] },
  full: { port: 11304, args: ['-c', '16', '-t', '1'] },
  popular: { port: 11305, args: ['-t', '1'] },
} satisfies Record<string, { port: number; args?: string[]; script?: string }>;
const NOBODY = 11399;
/** What memcached's doc/protocol.txt has commands for. */
const CHANGEABLE = [
  'detail_enabled',
  'hot_lru_pct',
  'hot_max_factor',
  'lru_crawler',
  'lru_crawler_sleep',
  'lru_crawler_tocrawl',
  'lru_segmented',
  'maxbytes',
  'slab_automove',
  'slab_automove_ratio',
  'temp_lru',
  'temporary_ttl',
  'track_sizes',
  'verbosity',
  'warm_lru_pct',
  'warm_max_factor',
];

function container(name: string, server: { port: number; args?: string[]; script?: string }): JsonObject {
  const port = String(server.port);
  return {
    name,
    image: cluster.images.memcached,
    ...(server.script === undefined
      ? { args: ['-p', port, ...(server.args ?? [])] }
      : { command: ['sh', '-c', server.script] }),
  };
}

/** With patience: on a busy node forty port-forwards at once may take longer than any user would wait for one. */
async function ask(port: number, options: MemcachedOptions = {}) {
  const stream = await kube.portForward(namespace, 'servers', port, 60_000);
  return openMemcached(stream, { name: 'pod/servers', ...options });
}

before(async () => {
  await kubectl.ok('create', 'namespace', namespace);
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'servers', labels: { app: 'servers' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: Object.entries(SERVERS).map(([name, server]) => container(name, server)),
    },
  });
  await hasCondition(kubectl, 'pod/servers', 'Ready', 120_000);
  // "Ready" without a probe means started; memcached listens a moment later.
  await eventually(async () => {
    for (const { port } of Object.values(SERVERS).filter((server) => server !== SERVERS.binary)) {
      const client = await ask(port);
      await client.version().catch((error: { reason?: string }) => {
        if (error.reason !== 'authentication') throw error;
      });
      client.close();
    }
  });
});
after(async () => {
  kube.close();
  await kubectl.run('delete', 'namespace', namespace, '--wait=false');
});

describe('memcached in pods, through port-forwards', { concurrency: true }, () => {
  test('version, settings and a canary on one connection; the settings are what the flags say', async () => {
    const client = await ask(SERVERS.rich.port);
    const [version, stats] = await Promise.all([client.version(), client.stats('settings')]);
    assert.match(version, /^1\.\d+\.\d+$/);
    const told = Object.fromEntries(settingsOfFlags(SERVERS.rich.args));
    assert.ok(Object.keys(told).length > 25);
    assert.deepEqual(Object.fromEntries(Object.keys(told).map((key) => [key, stats[key]])), told);
    assert.deepEqual(await client.canary(), { stored: true, readBack: true, deleted: true });
    assert.equal((await client.stats()).curr_items, '0', 'the canary leaves nothing behind');
    client.close();
  });

  test('a server that wants authentication says so, and answers who knows the password', async () => {
    const stranger = await ask(SERVERS.auth.port);
    await assert.rejects(stranger.version(), { reason: 'authentication' });
    const wrong = await ask(SERVERS.auth.port, { credentials: { username: 'tester', password: 'x' } });
    await assert.rejects(wrong.version(), { reason: 'authentication' });
    const known = await ask(SERVERS.auth.port, {
      credentials: { username: 'tester', password: 'open-sesame' },
    });
    assert.match(await known.version(), /^1\./);
    assert.equal((await known.stats('settings')).auth_enabled_ascii, '/tmp/auth');
    assert.deepEqual(await known.canary(), { stored: true, readBack: true, deleted: true });
    known.close();
  });

  test('what a server was started with is known of every setting that a client can change', async () => {
    const credentials = { username: 'tester', password: 'open-sesame' };
    const client = await ask(SERVERS.auth.port, { credentials });
    const [version, stats] = await Promise.all([client.version(), client.stats('settings')]);
    client.close();
    const started = podSettings('servers', { args: [], version, stats });
    const changed = podSettings('servers', {
      args: [],
      version,
      stats: Object.fromEntries(Object.keys(stats).map((key) => [key, 'changed by a client'])),
    });
    const { changedLive } = compareSettings([changed], started);
    assert.deepEqual(changedLive.map(({ key }) => key).sort(), CHANGEABLE);
  });

  test('a binary-only server is silent, and told from one that is gone', async () => {
    const client = await ask(SERVERS.binary.port, { timeoutMs: 1000 });
    await assert.rejects(client.version(), (error: { reason: string }) => {
      assert.ok(['silent', 'refused'].includes(error.reason), error.reason);
      return true;
    });
  });

  test('a server whose connections are used up is busy', async () => {
    const clients = [];
    try {
      for (;;) {
        const client = await ask(SERVERS.full.port);
        clients.push(client);
        if (clients.length > 20) assert.fail('the server never ran out of connections');
        await client.version();
      }
    } catch (error) {
      assert.equal((error as { reason?: string }).reason, 'busy', String(error));
    } finally {
      for (const client of clients) client.close();
    }
  });

  test('a port where nobody listens is refused, with the words of the node', async () => {
    const client = await ask(NOBODY);
    await assert.rejects(client.version(), (error: { reason: string; message: string }) => {
      assert.equal(error.reason, 'refused');
      assert.match(error.message, /^memcached of pod\/servers gave no answer: .*(refused|11399)/);
      return true;
    });
  });

  test('a pod that does not exist is the API server to say', async () => {
    await assert.rejects(
      kube.portForward(namespace, 'nobody', 11211, 5000),
      (error: unknown) => error instanceof ApiError && error.status === 404,
    );
  });

  test('forty connections at once all get their own answers', async () => {
    const clients = await Promise.all(Array.from({ length: 40 }, () => ask(SERVERS.popular.port)));
    const answers = await Promise.all(clients.map((client) => client.canary()));
    for (const client of clients) client.close();
    assert.equal(answers.filter(({ stored, readBack, deleted }) => stored && readBack && deleted).length, 40);
  });

  test('impersonation and permissions hold for port-forwards too', async () => {
    const jane = await connectKube({ ...flags, as: 'jane' });
    await assert.rejects(jane.portForward(namespace, 'servers', SERVERS.rich.port, 5000), {
      reason: 'Forbidden',
      next: { program: 'kubectl', words: ['auth', 'can-i', 'create', 'pods/portforward', '-n', namespace] },
    });
    jane.close();
  });

  test("the kubeconfig's proxy-url carries requests and port-forwards", async () => {
    await using proxy = await connectProxy();
    const config = await flatKubeconfig(cluster.kubectl, cluster.kubeconfig);
    const entry = { ...config.clusters[0]!.cluster, 'proxy-url': proxy.url };
    const kubeconfig = writeKubeconfig(config, entry);
    try {
      const behind = await connectKube({ ...flags, kubeconfig });
      assert.match(String((await behind.raw('/version')).gitVersion), /^v1\./);
      const stream = await behind.portForward(namespace, 'servers', SERVERS.rich.port, 10_000);
      const client = openMemcached(stream);
      assert.match(await client.version(), /^1\./);
      client.close();
      behind.close();
    } finally {
      rmSync(kubeconfig);
    }
    assert.deepEqual(new Set(proxy.tunnels), new Set([new URL(kube.server).host]));
  });

  test('an eviction honours a PodDisruptionBudget, and evicts once it allows', async () => {
    const metadata = { name: 'evictable', labels: { app: 'evictable' } };
    const spec = { terminationGracePeriodSeconds: 1, containers: [container('m', { port: 11400 })] };
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'evictable' },
      spec: { minAvailable: 1, selector: { matchLabels: metadata.labels } },
    };
    await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, budget);
    await hasCondition(kubectl, 'pod/evictable', 'Ready');
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: 'evictable' };
    const uid = uidOf((await kube.get(ref))!)!;
    await assert.rejects(kube.evict(ref, { uid }), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      const [cause] = error.causes;
      assert.deepEqual([error.status, cause?.reason], [429, 'DisruptionBudget']);
      assert.match(cause?.message ?? '', /The disruption budget evictable needs/);
      return true;
    });
    await kubectl.objects.delete('poddisruptionbudget/evictable');
    await eventually(() => kube.evict(ref, { uid }));
    await kubectl.objects.until('pod/evictable', isGone);
    assert.deepEqual((await kubectl.objects.list('pods')).map(nameOf), ['servers']);
  });
});
