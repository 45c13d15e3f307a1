import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease, aSecret, type TestRelease } from './support/release.ts';
import { findLeaks } from './support/secret-scan.ts';
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

      const restored = await kubectl.json('get', 'secret', fullname);
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

  test('a planted leak is found', async () => {
    await using release = await aReleaseWithSecrets(cluster.helms[0]!);
    await release.cli.ok('backup', release.name);
    // What `list` rightly prints is called a secret: the same scan has to object.
    using watched = cliFor(cluster, { namespace: release.namespace, secrets: [release.name] });
    cpSync(release.cli.store, watched.store, { recursive: true });
    await assert.rejects(watched.run('list'), /shows a Secret's value: plain/);
  });
});

/** Else the scans would look for something that the tool never had in hand. */
function assertBackupHoldsTheSecret(release: TestRelease): void {
  const { folder, document } = newestBackup(release.cli.store);
  const text = document.files.map(({ path }) => readFileSync(join(folder, path), 'utf8')).join('\n');
  for (const secret of release.secrets) assert.notDeepEqual(findLeaks(text, secret), []);
}
