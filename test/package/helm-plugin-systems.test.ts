import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { builtStep } from '../cluster/build/go-tool.ts';
import { packagesStep } from '../cluster/build/packages.ts';
import { expectCode, type Outcome, run } from '../e2e/support/process.ts';
import { serveRelease } from './served-release.ts';

const NAME = 'memcached-backup';
/** The program interpreters of the two C libraries. */
const GLIBC = { 'lib64/ld-linux-x86-64.so.2': '' };
const MUSL = { 'lib/ld-musl-x86_64.so.1': '' };

const skip = process.getuid?.() === 0 ? false : 'needs root (chroot)';

describe("the Helm plugin's hook, with nothing but busybox", { skip }, async () => {
  const release = await serveRelease();
  after(() => release[Symbol.asyncDispose]());
  const plugin = await release.unpackedPlugin('plugin');
  const system = join(release.home, 'system');
  const busybox = join(await builtStep(packagesStep()), 'root/bin/busybox');
  for (const folder of ['bin', 'dev']) mkdirSync(join(system, folder), { recursive: true });
  copyFileSync(busybox, join(system, 'bin/busybox'));
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    if (applet !== 'busybox') symlinkSync('busybox', join(system, 'bin', applet));
  // What every system has.
  execFileSync('mknod', ['-m', '666', join(system, 'dev/null'), 'c', '1', '3']);

  /** Runs the hook there as Helm does, with these files beside busybox and the plugin. @param processor as uname(1) names it. */
  async function install(files: Readonly<Record<string, string>>, processor = 'x86_64'): Promise<Outcome> {
    release.server.asked.length = 0;
    for (const folder of ['lib', 'lib64', 'own', 'plugins'])
      rmSync(join(system, folder), { recursive: true, force: true });
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(system, file)), { recursive: true });
      writeFileSync(join(system, file), text, { mode: 0o755 });
    }
    const folder = `/plugins/${NAME}`;
    cpSync(plugin, join(system, folder), { recursive: true });
    const script = `${folder}/scripts/install-binary.sh`;
    const env = {
      PATH: '/own:/bin:/usr/bin:/usr/sbin',
      HELM_PLUGIN_NAME: NAME,
      HELM_PLUGIN_DIR: folder,
      MEMCACHED_BACKUP_RELEASES: release.releases,
    };
    return run('setarch', [processor, 'chroot', system, '/bin/sh', script, 'install'], { env });
  }

  /** What it said of why not, having downloaded nothing and left nothing. */
  async function refusal(files: Readonly<Record<string, string>>, processor?: string): Promise<string> {
    const { stderr } = expectCode(await install(files, processor), 1);
    assert.deepEqual(release.server.asked, []);
    assert.deepEqual(readdirSync(join(system, 'plugins')), []);
    return stderr;
  }

  test('the binary is put in place', async () => {
    expectCode(await install(GLIBC));
    const placed = readdirSync(join(system, 'plugins', NAME, 'dist'));
    assert.deepEqual(placed, ['kubectl-memcached_backup', 'libatomic.so.1']);
  });

  test('a C library that it does not run on is said before anything is downloaded', async () => {
    for (const files of [MUSL, { ...MUSL, ...GLIBC }]) {
      const said = await refusal(files);
      assert.match(said, /the C library of this system is musl/);
      assert.match(said, /or the container image of memcached-backup/);
    }
    assert.match(await refusal({}), /has no GNU C library/);
    const old = { ...GLIBC, 'own/getconf': '#!/bin/sh\necho glibc 2.9\n' };
    assert.match(await refusal(old), /is 2\.9,\nand its binary needs 2\.28 or newer/);
  });

  test('a newer C library is enough, also where musl is beside it', async () => {
    expectCode(await install({ ...GLIBC, ...MUSL, 'own/getconf': '#!/bin/sh\necho glibc 2.100\n' }));
  });

  test('a processor without a binary is said', async () => {
    assert.match(await refusal(GLIBC, 'i686'), /there is no memcached-backup for Linux on i686\./);
  });
});
