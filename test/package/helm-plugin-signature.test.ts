import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import project from '../../package.json' with { type: 'json' };
import { writeHelmPlugin } from '../../scripts/release/helm.ts';
import { expectCode } from '../e2e/support/process.ts';
import { freshHelm } from './fresh-helm.ts';
import { programObstacle } from './programs.ts';
import { serveRelease } from './served-release.ts';

const NAME = 'memcached-backup';
const KEY = 'release@memcached-backup.example';

const hasGpg = spawnSync('gpg', ['--version']).status === 0;
const skip = programObstacle('helm4') ?? (hasGpg ? false : 'needs gpg');

describe('the signed Helm plugin', { skip }, async () => {
  const release = await serveRelease();
  const { home, releases, server } = release;
  // Short, for the sockets in it.
  const gnupg = mkdtempSync(join(tmpdir(), 'mcb-gnupg-'));
  process.env.GNUPGHOME = gnupg;
  after(async () => {
    execFileSync('gpgconf', ['--kill', 'all']);
    rmSync(gnupg, { recursive: true, force: true });
    await release[Symbol.asyncDispose]();
  });
  const words = ['--passphrase', '', '--quick-generate-key', KEY, 'ed25519', 'sign', 'never'];
  execFileSync('gpg', ['--batch', ...words], { stdio: 'ignore' });
  const helm = await freshHelm('helm4', home, releases);
  const { files, leftOut } = await writeHelmPlugin(join(home, 'signed'), [release.archive], { key: KEY });
  const [plugin = '', provenance = '', keyring = ''] = files;
  for (const file of files) server.files.set(release.path(file), file);
  const url = `${server.url}${release.path(plugin)}`;

  test("Helm 4 verifies it by the release's key, from its file and from its address, and installs and uninstalls it", async () => {
    assert.equal(leftOut, undefined);
    const verified = expectCode(await helm.run(['plugin', 'verify', plugin, '--keyring', keyring]));
    assert.match(verified.stdout, /Signed by: release@memcached-backup\.example/);
    for (const source of [plugin, url]) {
      expectCode(await helm.run(['plugin', 'install', source, '--keyring', keyring]));
      assert.equal(await helm.version(), `${NAME} ${project.version}\n`);
      assert.match(expectCode(await helm.run(['plugin', 'list'])).stdout, /^memcached-backup\s.*\ssigned/m);
      assert.equal(lstatSync(join(helm.plugins, NAME)).isSymbolicLink(), false);
      expectCode(await helm.run(['plugin', 'uninstall', NAME]));
      assert.deepEqual(helm.installed(), []);
    }
  });

  test('Helm 4 refuses it by another key, and another archive by its key', async () => {
    const other = join(home, 'other', basename(plugin));
    mkdirSync(dirname(other));
    copyFileSync(plugin, other);
    appendFileSync(other, 'more');
    copyFileSync(provenance, `${other}.prov`);
    const changed = expectCode(await helm.run(['plugin', 'install', other, '--keyring', keyring]), 1);
    assert.match(changed.stderr, /sha256 sum does not match/);
    const nobodys = join(home, 'nobodys.gpg');
    writeFileSync(nobodys, '');
    expectCode(await helm.run(['plugin', 'install', plugin, '--keyring', nobodys]), 1);
    assert.deepEqual(helm.installed(), []);
  });

  test('its signature covers the binary: another one is not taken, and what Helm 4 put there goes', async () => {
    const other = join(home, 'other.tar.gz');
    copyFileSync(release.archive.file, other);
    appendFileSync(other, 'more');
    server.files.set(release.path(release.archive.file), other);
    const refused = expectCode(await helm.run(['plugin', 'install', url, '--keyring', keyring]), 1);
    assert.match(refused.stderr, /is not what was released/);
    assert.match(refused.stderr, /^Nothing was left installed\.$/m);
    assert.deepEqual(helm.installed(), []);
  });
});
