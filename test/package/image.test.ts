import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { bundle } from '../../scripts/build/bundle.ts';
import { crossBuildExecutable } from '../../scripts/build/executable.ts';
import { runtimeOf } from '../../scripts/build/node-runtime.ts';
import { buildImage } from '../../scripts/image/build-image.ts';
import { startBuildah } from '../../scripts/image/buildah.ts';
import { imageObstacle } from '../../scripts/image/obstacle.ts';
import type { Architecture } from '../../scripts/image/place.ts';
import { ARCHITECTURE } from '../cluster/build/docker-archive.ts';

const skip = imageObstacle() ?? false;

/** Of an ELF file: its processor, as elf(5) numbers them. */
const AARCH64 = 183;
const X86_64 = 62;

describe('the image', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Builds it, with nothing of an earlier build at hand. @returns its id, its configuration and its root file system. */
  async function build(architecture: Architecture, program: string, what: string) {
    const name = `localhost/image-test:${architecture}`;
    await using buildah = await startBuildah();
    const id = await buildImage(buildah, { architecture, executable: program, name });
    const layout = join(folder, what);
    await buildah('push', '--disable-compression', name, `oci:${layout}`);
    const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
    const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
    const manifest = json(blob(json(join(layout, 'index.json')).manifests[0].digest));
    const root = join(folder, `${what}-root`);
    mkdirSync(root);
    for (const { digest } of manifest.layers) execFileSync('tar', ['-xf', blob(digest), '-C', root]);
    return { id, config: json(blob(manifest.config.digest)), root, layers: manifest.layers.length };
  }

  /** In place of the executable, which is large, and which the tests on a cluster run in this image. */
  function standIn(name: string, seconds: number): string {
    const file = join(folder, name);
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
    utimesSync(file, seconds, seconds);
    return file;
  }

  test('is the same whenever it is built, and runs as nobody, with git and ssh, and without a program that becomes root', async () => {
    const first = await build(ARCHITECTURE as Architecture, standIn('tool', 0), 'first');
    const second = await build(ARCHITECTURE as Architecture, standIn('tool again', 1_000_000), 'second');
    assert.equal(first.id, second.id);
    assert.match(first.id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(first.layers, 2, 'the executable is a layer of its own');
    assert.equal(first.config.architecture, ARCHITECTURE);
    assert.equal(first.config.config.User, '65532:65532');
    assert.deepEqual(first.config.config.Entrypoint, ['/usr/local/bin/memcached-backup']);

    const { root } = first;
    const inside = (...command: string[]) => {
      const { status, stdout, stderr } = spawnSync('chroot', ['--userspec=65532:65532', root, ...command], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
      return `${stdout}${stderr}`;
    };
    // What every container has.
    mkdirSync(join(root, 'dev'), { recursive: true });
    execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
    assert.match(inside('/usr/bin/git', 'version'), /^git version 2/);
    assert.match(inside('/usr/bin/ssh', '-V'), /^OpenSSH/);
    // git runs ssh, and a helper for https, by its own means.
    assert.match(inside('/usr/bin/git', '-c', 'alias.x=!echo by a shell', 'x'), /^by a shell/);
    assert.match(inside('/bin/sh', '-c', 'git remote-https 2>&1 || true'), /usage: git remote-curl/);
    assert.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^memcached-backup:x:65532:65532:/m);
    const certificates = readFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'utf8');
    assert.ok((certificates.match(/BEGIN CERTIFICATE/g) ?? []).length > 100);
    const special = execFileSync('find', [root, '-xdev', '-type', 'f', '-perm', '/6000'], {
      encoding: 'utf8',
    });
    assert.equal(special, '');
  });

  test('is built for another processor as well, which this machine can not run', async () => {
    const other: Architecture = ARCHITECTURE === 'arm64' ? 'amd64' : 'arm64';
    const target = other === 'arm64' ? 'linux-arm64' : 'linux-x64';
    const { start, scripts } = await bundle();
    const program = join(folder, 'other');
    await crossBuildExecutable({ start, scripts, node: await runtimeOf(target) }, program);
    const { config, root } = await build(other, standIn('other tool', 0), 'third');
    assert.equal(config.architecture, other);
    const wanted = other === 'arm64' ? AARCH64 : X86_64;
    for (const file of [program, join(root, 'usr/bin/git'), join(root, 'usr/bin/ssh')])
      assert.equal(readFileSync(file).readUInt16LE(18), wanted, file);
    // The program's own text is in it, and no code cache of this machine.
    const sea = readFileSync(program);
    assert.ok(sea.includes('--termination-log'));
    assert.ok(sea.includes('main.js') && !sea.includes('main.js.cache\0'));
  });

  test('a package of Node that is not the locked one is refused', async () => {
    const file = join(folder, 'package.tgz');
    writeFileSync(file, 'something else');
    const { assertLocked } = await import('../../scripts/build/node-runtime.ts');
    assert.throws(() => assertLocked('linux-arm64', file), /is not what package-lock\.json names/);
  });
});
