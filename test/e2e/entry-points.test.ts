import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { VERSION } from '../../src/cli/version.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { type EntryPoint, entryPoints } from './support/entry-points.ts';
import { interruptLikeTerminal } from './support/interrupt.ts';
import { contextFor } from './support/kubeconfig.ts';
import { describe as describeRun, expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { silentServer } from './support/silent-server.ts';

const cluster = await ensureCluster();
const helm = cluster.helms[0];
assert.ok(helm !== undefined, 'the cluster comes with Helm');
const release = await aRelease(cluster, helm).withPassword().installed();
/** The current context is in the namespace "default", "staging" in the release's. */
const kubeconfig = await contextFor(cluster, { context: 'staging', namespace: release.namespace });
const entries = await entryPoints(cluster, kubeconfig);
after(async () => {
  for (const entry of entries) entry[Symbol.dispose]();
  rmSync(kubeconfig);
  await release[Symbol.asyncDispose]();
});

const { name, namespace } = release;
const ID = new RegExp(`^${namespace}/${name}@\\d{8}T\\d{6}Z(-\\d+)?\\n$`);

// Each has a store of its own, so they don't meet; within one, a test counts what the one before it saved.
describe('the plugin', { concurrency: true }, () => {
  for (const entry of entries) describe(`through ${entry.name}`, { concurrency: 1 }, () => through(entry));
});

function through(entry: EntryPoint): void {
  const plugin = (...args: string[]) => entry.run(['memcached-backup', ...args]);
  const isHelm = entry.name !== 'kubectl';

  test('the version and help are those of the build', async () => {
    assert.equal(expectCode(await plugin('version')).stdout, `memcached-backup ${VERSION}\n`);
    const help = expectCode(await plugin('backup', '--help')).stdout;
    assert.match(help, new RegExp(`^ {2}${isHelm ? 'helm' : 'kubectl'} memcached-backup backup `, 'm'));
  });

  describe('a namespace and an output format are taken wherever they stand', () => {
    const spellings = [
      ['backup', name, '-n', namespace, '-o', 'name'],
      ['backup', name, `-n${namespace}`, '-oname'],
      ['-n', namespace, '-o', 'name', 'backup', name],
      [`--namespace=${namespace}`, 'backup', '--output=name', name],
      ['backup', '-o=name', '--namespace', namespace, '--', name],
    ];
    for (const args of spellings) {
      test(args.join(' ').replaceAll(namespace, 'NS'), async () => {
        assert.match(expectCode(await plugin(...args)).stdout, ID);
      });
    }
    if (isHelm) {
      test("Helm's own flags before the plugin's name count", async () => {
        const outcome = await entry.run(['-n', namespace, 'memcached-backup', 'backup', name, '-o', 'name']);
        assert.match(expectCode(outcome).stdout, ID);
      });
    }
  });

  test("the context's namespace counts where none is given, and another context by its flag", async () => {
    const inDefault = expectCode(await plugin('backup', name, '-o', 'name'), 1);
    assert.match(inDefault.stderr, /^error: .*namespace "default"/m);
    for (const args of [
      ['backup', name, '-o', 'name', entry.contextFlag, 'staging'],
      [`${entry.contextFlag}=staging`, 'backup', name, '-o', 'name'],
    ]) {
      assert.match(expectCode(await plugin(...args)).stdout, ID);
    }
  });

  test('-ojson is data, --no-headers is a table without its first line, -A wins over -n', async () => {
    expectCode(await plugin('backup', name, '-n', namespace));
    const parsed: unknown = JSON.parse(
      expectCode(await plugin('list', name, '-n', namespace, '-ojson')).stdout,
    );
    assert.equal(typeof parsed, 'object');
    const table = expectCode(await plugin('list', '-n', namespace)).stdout.split('\n');
    const bare = expectCode(await plugin('list', '-n', namespace, '--no-headers')).stdout.split('\n');
    assert.match(table[0] ?? '', /^[A-Z]/);
    assert.deepEqual(bare.length, table.length - 1);
    assert.equal(expectCode(await plugin('list', '-n', 'default', '--no-headers')).stdout, '');
    const everywhere = expectCode(await plugin('list', '-n', 'default', '-A', '--no-headers')).stdout;
    assert.equal(everywhere.split('\n').length, bare.length);
  });

  describe('the exit code is kept', () => {
    const cases: [number, string, string[]][] = [
      [0, 'done', ['version']],
      [1, 'a release that is not there', ['backup', 'nope', '-n', namespace]],
      [2, 'a wrong flag', ['backup', name, '--nope']],
      [2, 'a wrong context', ['backup', name, entry.contextFlag, 'nope']],
      [4, 'a store that is not there', ['list', '--store', '/nonexistent/store']],
    ];
    for (const [code, what, args] of cases) {
      test(`${code}: ${what}`, async () => {
        const outcome = expectCode(await plugin(...args), code);
        if (code !== 0) assert.match(outcome.stderr, /^error: /m, describeRun(outcome));
      });
    }

    test('4: a server that does not answer', async () => {
      const [flag, env] = isHelm ? ['--kube-apiserver', {}] : ['--server', {}];
      const outcome = await entry.run(['memcached-backup', 'backup', name, flag, 'https://127.0.0.1:1'], env);
      assert.match(expectCode(outcome, 4).stderr, /^error: .*127\.0\.0\.1:1/m);
    });
  });

  test('who to be is taken from flags: the API server knows us by that name', async () => {
    const [user, group] = isHelm ? ['--kube-as-user', '--kube-as-group'] : ['--as', '--as-group'];
    const args = ['backup', name, '-n', namespace, user, 'ann', group, 'ops', group, 'dev', '--debug=true'];
    const outcome = await plugin(...args);
    assert.notEqual(outcome.code, 0);
    assert.match(outcome.stderr, /User "ann"/);
    assert.match(outcome.stderr, /^debug: .*"asGroups":\["ops","dev"\]/m);
  });

  if (isHelm) {
    test("Helm's environment is read, and its other flags are accepted", async () => {
      const env = { HELM_NAMESPACE: namespace, HELM_KUBECONTEXT: 'staging' };
      const outcome = await entry.run(
        ['memcached-backup', '--burst-limit=50', '--qps', '5', 'backup', name, '-o', 'name'],
        env,
      );
      assert.match(expectCode(outcome).stdout, ID);
    });

    test('letters that Helm takes for -n are refused, not followed to another namespace', async () => {
      for (const args of [
        ['backup', name, '-oname'],
        ['backup', '-ojson', name],
      ]) {
        assert.match(expectCode(await plugin(...args), 2).stderr, /^error: Helm reads -o/m);
      }
    });
  }

  test('the environment names the store, and --store wins over it', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'memcached-backup-elsewhere-'));
    try {
      const store = join(elsewhere, 'store');
      expectCode(await plugin('backup', name, '-n', namespace, '--store', store));
      const listed = await entry.run(['memcached-backup', 'list', '-n', namespace, '-o', 'name'], {
        MEMCACHED_BACKUP_STORE: store,
      });
      assert.equal(expectCode(listed).stdout.trim().split('\n').length, 1);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  test('Ctrl-C ends it cleanly', async () => {
    await using server = await silentServer();
    const flag = isHelm ? '--kube-apiserver' : '--server';
    const args = [
      'memcached-backup',
      'backup',
      name,
      '-n',
      namespace,
      flag,
      `https://127.0.0.1:${server.port}`,
    ];
    const outcome = await interruptLikeTerminal(entry, args, server.connected);
    assert.match(outcome.stderr, /^error: interrupted$/m);
    // kubectl becomes the plugin (execve); Helm ends at once of the signal while the plugin finishes.
    if (!isHelm) assert.equal(outcome.code, 130, describeRun(outcome));
    else assert.notEqual(outcome.code, 0, describeRun(outcome));
  });
}

/** What `helm plugin list` shows proves that no other plugin of the machine takes part. */
test('each Helm has this plugin alone', async () => {
  for (const entry of entries.filter((candidate: EntryPoint) => candidate.name !== 'kubectl')) {
    const listed = expectCode(await entry.run(['plugin', 'list']))
      .stdout.trim()
      .split('\n');
    assert.equal(listed.length, 2, listed.join('\n'));
    assert.match(listed[1] ?? '', /^memcached-backup\s/);
  }
});
