import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import project from '../../../package.json' with { type: 'json' };
import { root } from '../../../scripts/build/paths.ts';
import { helmPluginName, signingFrom, writeHelmPlugin } from '../../../scripts/release/helm.ts';
import { SOME_ARCHIVES } from './some-archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-helm-archive-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('without a key the plugin is the same whenever it is written, and what is left out is said', async () => {
  const made = await Promise.all(
    ['one', 'other'].map((name) => writeHelmPlugin(join(folder, name), SOME_ARCHIVES)),
  );
  const [one, other] = made.map(({ files }) => readFileSync(files[0]!));
  assert.deepEqual(one, other);
  assert.deepEqual(readdirSync(join(folder, 'one')), [helmPluginName()]);
  assert.match(made[0]?.leftOut ?? '', /is not signed: MEMCACHED_BACKUP_SIGNING_KEY names no key/);
  assert.deepEqual(
    [signingFrom({}), signingFrom({ MEMCACHED_BACKUP_SIGNING_KEY: '' })],
    [undefined, undefined],
  );
});

test('the plugin lies in a folder of its name, and knows the digests of all archives', async () => {
  const { files } = await writeHelmPlugin(folder, SOME_ARCHIVES);
  const read = (...args: string[]) => execFileSync('tar', ['-f', files[0]!, ...args], { encoding: 'utf8' });
  const listed = read('-tz').trim().split('\n');
  for (const name of ['', 'plugin.yaml', 'scripts/', 'scripts/install-binary.sh', 'SHA256SUMS'])
    assert.ok(listed.includes(`memcached-backup/${name}`), `${name}: ${listed.join()}`);
  const sums = read('-xzO', 'memcached-backup/SHA256SUMS').trim().split('\n');
  assert.equal(sums.length, SOME_ARCHIVES.length);
  assert.equal(sums[0], `${'1'.repeat(64)}  memcached-backup-v${project.version}-linux-amd64.tar.gz`);
});

test('the hooks download from where the project says that its releases are', () => {
  for (const file of ['install-binary.sh', 'install-binary.ps1']) {
    const text = readFileSync(join(root, 'scripts', file), 'utf8');
    assert.ok(text.includes(`${project.homepage}/releases/download`), file);
  }
});
