import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, objectAt, stringAt, valueAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { aCache } from './support/doctor/a-cache.ts';
import { eventually } from './support/eventually.ts';
import { applied } from './support/fixtures/plain-yaml.ts';
import { expectCode, run } from './support/process.ts';
import { aRelease, type Fixture } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { rolledOut } from './support/rollout.ts';
import { converse } from './support/terminal.ts';

const cluster = await ensureCluster();

describe('status', { concurrency: 3 }, () => {
  test('follows a release from unprotected to protected to drifted, and writes nothing', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).installed();
    const { cli, kubectl, name, namespace, fullname } = release;
    const warned = expectCode(await cli.run('status'));
    assert.match(warned.stdout, /^RELEASE +PROTECTED .*\nmy-memcached +(?:no|unknown) /);

    await cli.ok('backup', name);
    const before = await resourceVersions(kubectl, namespace);
    const saved = await entry(release);
    assert.equal(saved.protected, true);
    assert.equal(saved.scheduled, false);
    assert.equal(stringAt(saved, 'drift', 'verdict'), 'same');
    assert.deepEqual(saved.pods, { ready: 1, wanted: 1 });
    assert.equal(valueAt(saved, 'backup', 'verifiedAt'), undefined);
    const bytes = Number(valueAt(saved, 'backup', 'bytes'));
    assert.ok(bytes > 1000, `${bytes}`);
    assert.deepEqual(saved.store, { location: cli.store, backups: 1, bytes });
    assert.deepEqual(await resourceVersions(kubectl, namespace), before);

    await cli.ok('verify', name);
    await kubectl.apply(aBackupCronJob(cluster.images.memcached));
    await kubectl.ok('scale', 'deployment', fullname, '--replicas=2');
    await rolledOut(kubectl, `deployment/${fullname}`);
    const drifted = await entry(release);
    assert.equal(drifted.scheduled, true);
    assert.match(stringAt(drifted, 'schedule', 'next') ?? '', /T03:30:00\.000Z$/);
    assert.ok(stringAt(drifted, 'backup', 'verifiedAt'));
    assert.equal(stringAt(drifted, 'drift', 'verdict'), 'differs');
    assert.equal(objectAt(drifted, 'drift')?.objects, 1);
    assert.match(
      await cli.ok('status', '--no-headers'),
      /^my-memcached +yes +\S+ +[\d.]+Ki +\S+ +1 object +in \S+ +2\/2 +/,
    );
  });

  test('tells what is gone from what is stuck, from what is elsewhere, and from what is nowhere', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).named('cache').installed();
    const { cli, name, namespace } = release;
    await cli.ok('backup', name);
    // Two file descriptors a thread and a reserve: with -c 16 memcached exits at once.
    await release.upgradeBadly({ ...release.values, memcached: { maxConnections: 16 } });
    await eventually(async () => {
      assert.match(await cli.ok('status', '--no-headers'), /^cache .* 1\/1 STUCK /);
    });
    assert.match(
      JSON.stringify((await entry(release)).rollout),
      /CrashLoopBackOff|its container ended with exit code 1/,
    );

    const elsewhere = expectCode(await run(BINARY, ['status', name, '-n', 'default'], { env: cli.env }), 1);
    assert.match(
      elsewhere.stderr,
      new RegExp(
        `release "cache" not found in namespace "default", and no backup of it; the store holds 1 in namespace ${namespace}`,
      ),
    );
    assert.match(
      elsewhere.stderr,
      new RegExp(`^Next: kubectl memcached-backup status cache -n ${namespace} `, 'm'),
    );
    const nowhere = expectCode(await cli.run('status', 'nope', name), 1);
    assert.match(nowhere.stderr, /^error: release "nope" not found in namespace/m);
    assert.match(nowhere.stdout, /^cache .* STUCK/m, 'what is there is shown');

    await release.helm.ok('uninstall', name, '--wait');
    assert.match(await cli.ok('status', '--no-headers'), /^cache +by hand +\S+ +\S+ .* GONE +/);
    assert.equal((await entry(release, name)).state, 'gone');
  });

  test('tells the share of reads that hit now', async () => {
    const reads = `printf 'set a 0 0 1\\r\\nx\\r\\n' | nc 127.0.0.1 11211 >/dev/null; touch /tmp/done
      i=0; (while [ $i -lt 3000 ]; do i=$((i+1)); printf 'get a\\r\\nget a\\r\\nget a\\r\\nget b\\r\\n'; sleep 0.02; done) | nc 127.0.0.1 11211 >/dev/null`;
    await using fixture = await applied(cluster, aCache(cluster).usedBy(reads).release);
    const hits = objectAt(await entry(fixture, '--interval', '2s'), 'hits');
    assert.ok(Math.abs(Number(hits?.ratio) - 0.75) < 0.05, JSON.stringify(hits));
  });

  test('with --watch it draws a screen anew, and Ctrl-C ends it', async () => {
    await using fixture = await applied(cluster, aCache(cluster).release);
    const words = ['status', '--watch', '-n', fixture.namespace];
    using terminal = converse(BINARY, words, fixture.cli.env);
    await terminal.shows(/cache +\S+ .*1\/1/);
    await fixture.kubectl.ok('scale', 'deployment/cache', '--replicas=0');
    await terminal.shows(/\u001b\[H\u001b\[JRELEASE[^\u001b]*0\/0/);
    terminal.answer('\u0003');
    const { code } = await terminal.ended();
    assert.equal(code, 130);
  });

  test('with --watch and no terminal it prints a line for what changed, and SIGTERM ends it', async () => {
    await using fixture = await applied(cluster, aCache(cluster).release);
    const child = spawn(BINARY, ['status', '-w', '-n', fixture.namespace], { env: fixture.cli.env });
    const closed = once(child, 'close');
    let text = '';
    const lines = async (count: number): Promise<string[]> => {
      for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
        text += String(chunk);
        if (text.split('\n').length > count) break;
      }
      return text.split('\n');
    };
    try {
      const first = await lines(2);
      assert.match(first[1] ?? '', /^cache .* 1\/1/);
      await fixture.kubectl.ok('scale', 'deployment/cache', '--replicas=0');
      const changed = await lines(3);
      assert.match(changed[2] ?? '', /^cache .* [01]\/0/);
      assert.ok(!text.includes('\u001b'), text);
    } finally {
      child.kill('SIGTERM');
    }
    assert.deepEqual(await closed, [130, null]);
  });
});

/** The one release's entry of `status -o json`. */
async function entry({ cli }: Fixture, ...words: string[]): Promise<JsonObject> {
  const items = arrayAt(await cli.json(['status', ...words]), 'items') as JsonObject[];
  assert.equal(items.length, 1);
  return items[0]!;
}

function aBackupCronJob(image: string): JsonObject {
  const container = { name: 'backup', image, command: ['kubectl-memcached_backup', 'backup', '-A'] };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly' },
    spec: {
      schedule: '30 3 * * *',
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    },
  };
}
