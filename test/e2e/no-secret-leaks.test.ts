import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { arrayAt, stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { expectCode } from './support/process.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease, aSecret, CHART, type TestRelease } from './support/release.ts';
import { assertNoSecret, findLeaks } from './support/secret-scan.ts';
import { aShell } from './support/shell.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

/** A password in a Secret, and one that someone wrote into the environment as plain text. */
async function aReleaseWithSecrets(binary: (typeof cluster.helms)[number]): Promise<TestRelease> {
  const plain = aSecret();
  const release = await aRelease(cluster, binary)
    .withPassword()
    .withValues({ extraEnv: [{ name: 'CACHE_PASSWORD', value: plain }] })
    .installed();
  release.secrets.push(plain);
  return release;
}

describe('no output shows a Secret', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    // Every run of `cli` is scanned (support/cli.ts), so these tests only have to make the tool talk.
    test(`backup, list, plans and restores, in every output format (${binary.name})`, async () => {
      await using release = await aReleaseWithSecrets(binary);
      const { cli, kubectl, fullname } = release;
      const secretKey = 'memcached-password';
      for (const format of ['json', 'yaml', 'name', 'wide']) {
        await cli.ok('backup', release.name, '-o', format);
        await cli.ok('list', '-o', format);
        await cli.ok('show', release.name, '-o', format);
        await cli.ok('verify', release.name, '-o', format);
      }
      assertBackupHoldsTheSecret(release);

      const rotated = aSecret();
      release.secrets.push(rotated);
      await kubectl.ok(
        'patch',
        'secret',
        fullname,
        '-p',
        JSON.stringify({ stringData: { [secretKey]: rotated } }),
      );
      await kubectl.ok('set', 'env', `deployment/${fullname}`, `CACHE_PASSWORD=${rotated}`);
      for (const format of ['json', 'yaml', 'name', 'wide']) {
        await cli.ok('restore', release.name, '--dry-run=server', '-o', format);
      }
      await cli.ok('restore', release.name, '--dry-run=client');
      assert.equal((await cli.run('restore', release.name)).code, 2, 'no terminal to ask on');
      await cli.ok('restore', release.name, '--yes');

      const restored = await kubectl.objects.get(`secret/${fullname}`);
      const value = Buffer.from(stringAt(restored, 'data', secretKey) ?? '', 'base64').toString();
      assert.equal(value, release.secrets[0], 'the Secret itself came back');
    });

    test(`failures: refused writes, a damaged store, a cluster that is away (${binary.name})`, async () => {
      await using release = await aReleaseWithSecrets(binary);
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using cli = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      await cli.ok('backup', release.name);
      await release.upgrade({
        ...release.values,
        auth: { password: 'another' },
        memcached: { maxMemory: 8 },
      });

      // The API server quotes the value that it refuses: https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field#Invalid
      const quoted = release.secrets
        .map((secret) => `Invalid value: ${JSON.stringify(secret)}: ${secret}`)
        .join(', ');
      const body = JSON.stringify({
        ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Invalid', code: 422 },
        message: `Deployment.apps "${release.fullname}" is invalid: ${quoted}`,
      });
      for (const refused of [/dryRun=All/, /\/deployments\//]) {
        proxy.fault = ({ method, path }) =>
          method !== 'GET' && refused.test(path) ? { status: 422, body } : undefined;
        assert.equal((await cli.run('restore', release.name, '--yes')).code, 1);
        assert.equal((await cli.run('restore', release.name, '--yes', '-o', 'json')).code, 1);
      }
      proxy.fault = () => ({ status: 500, body: '{"kind":"Status","status":"Failure","code":500}' });
      assert.notEqual((await cli.run('backup', release.name)).code, 0);
      assert.notEqual((await cli.run('restore', release.name, '--yes')).code, 0);
      proxy.fault = undefined;

      await proxy[Symbol.asyncDispose]();
      assert.notEqual((await cli.run('backup', release.name)).code, 0, 'the cluster is away');
      assert.notEqual((await cli.run('restore', release.name, '--yes')).code, 0, 'the cluster is away');
      const { folder } = newestBackup(cli.store);
      appendFileSync(join(folder, 'backup.json'), ' ');
      assert.notEqual(
        (await release.cli.run('restore', `${release.name}@latest`, '--store', cli.store, '--yes')).code,
        0,
      );
      await release.cli.run('list', '--store', cli.store, '-o', 'json');
    });
  }

  for (const binary of cluster.helms) {
    test(`a backup without Secrets holds none, and a restore takes those of the cluster (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).withPassword().installed();
      const { cli, kubectl, helm, fullname, name, namespace } = release;
      const taken = await cli.run('backup', name, '--without-secrets');
      assert.match(expectCode(taken).stderr, /not saved: secret\/my-memcached: left out/);
      assert.match(taken.stderr, /Without Secrets it is not complete/);
      const { folder, document } = newestBackup(cli.store);
      assertHoldsNone(folder, release.secrets);
      assert.equal(document.complete, false);
      await assertGoesIntoGit(release);
      const backup = `${name}@${document.id}`;
      for (const words of [['list'], ['show', backup], ['verify', backup]])
        await cli.ok(...words, '-o', 'json');
      assert.match(
        expectCode(await cli.run('restore', name, '--dry-run=server'), 1).stderr,
        /\(incomplete\)/,
      );

      await release.upgrade({ ...release.values, memcached: { maxMemory: 8 } });
      await kubectl.ok('set', 'env', `deployment/${fullname}`, 'BY_HAND=1');
      await assertDiffNamesNoSecret(release, backup);
      const login = await kubectl.objects.get(`secret/${fullname}`);
      await cli.ok('restore', backup, '--yes');
      await assertSettings(release, { maxbytes: '33554432' });
      assert.deepEqual(await kubectl.objects.get(`secret/${fullname}`), login, 'the Secret was not touched');
      assert.deepEqual(
        (await helm.history(name)).map(({ status }) => status),
        ['superseded', 'superseded', 'deployed'],
      );
      await cli.ok('undo', name, '--yes');
      await assertSettings(release, { maxbytes: '8388608' });

      await kubectl.ok('delete', 'secret', fullname);
      const gone = expectCode(await cli.run('restore', backup, '--yes'), 1);
      assert.match(
        gone.stderr,
        /secret\/my-memcached is not in namespace .* with the key memcached-password/,
      );
      assert.match(gone.stderr, new RegExp(`helm rollback ${name} \\d+ -n ${namespace}`));
      // As it is advised, so that Helm, which applies on the server's side from 4 on, meets no other owner.
      const [, advised = ''] = /\((kubectl create secret [^()]*)\)/.exec(gone.stderr) ?? [];
      using shell = aShell(cluster, binary);
      const literal = '--from-literal=memcached-password=made-by-hand';
      expectCode(await shell.run(advised.replace("'--from-literal=<memcached-password=value>'", literal)));
      await cli.ok('restore', backup, '--yes');
      await release.upgrade({ ...release.values, memcached: { maxMemory: 16 } });
      await assertSettings(release, { maxbytes: '16777216' });

      await helm.ok('uninstall', name, '--wait');
      const lost = expectCode(await cli.run('restore', backup, '--yes'), 1);
      assert.match(
        lost.stderr,
        /helm install my-memcached '<REPO\/memcached>' --version 0\.1\.0 -n .*makes secret\/my-memcached \(with the key memcached-password\)/,
      );
      assert.deepEqual(await kubectl.objects.list('deployments'), [], 'nothing was written');

      const values = join(helm.home, 'values.json');
      await helm.ok('install', name, CHART, '-f', values, '--wait', '--timeout', '90s');
      await cli.ok('restore', backup, '--yes');
      await assertSettings(release, { maxbytes: '33554432' });
      assert.deepEqual(
        (await helm.history(name)).map(({ status }) => status),
        ['deployed'],
      );
    });
  }

  test('a planted leak is found', async () => {
    await using release = await aReleaseWithSecrets(cluster.helms[0]!);
    await release.cli.ok('backup', release.name);
    // What `list` rightly prints is called a secret: the same scan has to object.
    using watched = cliFor(cluster, { namespace: release.namespace, secrets: [release.name] });
    cpSync(release.cli.store, watched.store, { recursive: true });
    await assert.rejects(watched.run('list'), /shows a Secret's value: plain/);
  });
});

/** Whatever reads a file of the backup finds none, in base64 and in base64 of base64 neither. */
function assertHoldsNone(folder: string, secrets: string[]): void {
  const encoded = secrets.map((secret) => Buffer.from(secret).toString('base64'));
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(folder, path)).isDirectory()) continue;
    assert.doesNotMatch(path, /secret|^helm\b|\.gz$/);
    assertNoSecret(path, readFileSync(join(folder, path), 'utf8'), [...secrets, ...encoded]);
  }
}

/** And in no other way. */
async function assertGoesIntoGit({ cli, name, secrets }: TestRelease): Promise<void> {
  const repository = join(cli.store, '..', 'backups.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  const store = ['--store', `git+file://${repository}`];
  expectCode(await cli.run('backup', name, ...store), 2);
  await cli.ok('backup', name, '--without-secrets', ...store);
  const files = execFileSync('git', ['--git-dir', repository, 'archive', 'main'], { encoding: 'utf8' });
  assert.match(files, /kind: Deployment/);
  assertNoSecret('the repository', files, secrets);
}

async function assertDiffNamesNoSecret({ cli }: TestRelease, backup: string): Promise<void> {
  const { objects } = await cli.json(['diff', backup], 3);
  const names = arrayAt({ objects: objects! }, 'objects').map(
    (each) => stringAt(each, 'kind') ?? stringAt(each, 'name'),
  );
  assert.doesNotMatch(JSON.stringify(names), /Secret/, 'what the backup was to lack is no difference');
}

/** Else the scans would look for something that the tool never had in hand. */
function assertBackupHoldsTheSecret(release: TestRelease): void {
  const { folder, document } = newestBackup(release.cli.store);
  const text = document.files.map(({ path }) => readFileSync(join(folder, path), 'utf8')).join('\n');
  for (const secret of release.secrets) assert.notDeepEqual(findLeaks(text, secret), []);
}
