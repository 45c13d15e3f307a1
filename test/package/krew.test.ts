import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import project from '../../package.json' with { type: 'json' };
import { archive, krewManifest as builtManifest } from '../../scripts/build/package.ts';
import { PLATFORMS } from '../../scripts/release/archives.ts';
import { krewManifest, writeKrewIndex } from '../../scripts/release/krew.ts';
import { goTool, toolObstacle } from '../cluster/build/go-tool.ts';
import { expectCode, type Outcome, run } from '../e2e/support/process.ts';
import { startFileServer } from './file-server.ts';
import { archiveOf, smallArchive } from './other-archives.ts';
import { program, programObstacle } from './programs.ts';

const NEXT = '9.9.9';

const skip = toolObstacle('krew') ?? programObstacle('kubectl') ?? false;

describe('krew itself', { skip }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'memcached-backup-krew-'));
  const server = await startFileServer();
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });
  const bin = join(home, 'bin');
  mkdirSync(bin);
  symlinkSync(await program('kubectl'), join(bin, 'kubectl'));
  symlinkSync(await goTool('krew'), join(bin, 'kubectl-krew'));
  const validate = await goTool('krew', 'validate-krew-manifest');

  const krewRoot = join(home, 'krew');
  const env = {
    HOME: home,
    PATH: [join(krewRoot, 'bin'), bin, process.env.PATH].join(delimiter),
    KREW_ROOT: krewRoot,
    KREW_NO_UPGRADE_CHECK: '1',
  };
  const kubectl = (...args: string[]): Promise<Outcome> => run(join(bin, 'kubectl'), args, { env });

  /** What a release has: this machine's archive, small ones for the others. */
  const own = archiveOf({ os: 'linux', arch: 'amd64' }, archive);
  const others = PLATFORMS.filter(({ os, arch }) => os !== own.os || arch !== own.arch);
  const archives = [
    own,
    ...(await Promise.all(others.map((each) => smallArchive(join(home, 'release'), each, project.version)))),
  ];
  for (const { file } of archives) server.files.set(`/download/v${project.version}/${basename(file)}`, file);
  /** Where its archives are: below `server`. */
  const served = (manifest: string) => manifest.replaceAll(`${project.homepage}/releases`, server.url);
  const manifest = served(krewManifest(archives));
  const index = join(home, 'index');
  writeKrewIndex(index, manifest);

  test("finds the manifest sound, by its index's rules too, and installs it for each of the five platforms", async () => {
    assert.equal(archives.length, 5);
    const file = join(index, 'plugins/memcached-backup.yaml');
    const { stderr } = expectCode(await run(validate, ['-manifest', file], { env }));
    assert.match(stderr, /all 5 spec\.platforms installed fine/);
  });

  test('takes the index, installs from it, upgrades to the next version and uninstalls without a trace', async () => {
    expectCode(await kubectl('krew', 'index', 'add', 'team', index));
    const installed = expectCode(await kubectl('krew', 'install', 'team/memcached-backup'));
    assert.match(installed.stderr, /Secrets in plain text/);
    assert.match(installed.stderr, /does not run on musl/);
    // kubectl finds it through krew's link, and it finds its library through the same.
    const version = async () => expectCode(await kubectl('memcached-backup', 'version')).stdout;
    assert.equal(await version(), `memcached-backup ${project.version}\n`);

    const next = await smallArchive(join(home, 'next'), own, NEXT);
    server.files.set(`/download/v${NEXT}/${basename(next.file)}`, next.file);
    const nextManifest = served(krewManifest([next]))
      .replace(`version: v${project.version}`, `version: v${NEXT}`)
      .replace(`/download/v${project.version}/`, `/download/v${NEXT}/`);
    writeKrewIndex(index, nextManifest);
    expectCode(await kubectl('krew', 'update'));
    expectCode(await kubectl('krew', 'upgrade', 'memcached-backup'));
    assert.equal(await version(), `memcached-backup ${NEXT}\n`);
    assert.deepEqual(readdirSync(join(krewRoot, 'store/memcached-backup')), [`v${NEXT}`]);

    expectCode(await kubectl('krew', 'uninstall', 'memcached-backup'));
    assert.equal(existsSync(join(krewRoot, 'store/memcached-backup')), false);
    assert.deepEqual(readdirSync(join(krewRoot, 'bin')), []);
    expectCode(await kubectl('memcached-backup', 'version'), 1);
  });

  test('refuses an archive that is not the released one', async () => {
    const tampered = join(home, 'tampered.tar.gz');
    writeFileSync(tampered, readFileSync(archives[1]!.file));
    appendFileSync(tampered, 'more');
    const root = { KREW_ROOT: join(home, 'other'), KREW_OS: others[0]!.os, KREW_ARCH: others[0]!.arch };
    const file = join(home, 'memcached-backup.yaml');
    writeFileSync(file, manifest);
    const args = ['krew', 'install', `--manifest=${file}`, `--archive=${tampered}`];
    const { stderr } = expectCode(await run(join(bin, 'kubectl'), args, { env: { ...env, ...root } }), 1);
    assert.match(stderr, /checksum does not match/);
  });

  test("installs what a clone's `npm run build` wrote, without the network", async () => {
    const root = { KREW_ROOT: join(home, 'clone') };
    const args = ['krew', 'install', `--manifest=${builtManifest}`, `--archive=${archive}`];
    expectCode(await run(join(bin, 'kubectl'), args, { env: { ...env, ...root } }));
    const link = join(home, 'clone/bin/kubectl-memcached_backup');
    assert.equal(
      execFileSync(link, ['--version'], { encoding: 'utf8', env: {} }),
      `memcached-backup ${project.version}\n`,
    );
  });
});

test('the archive holds plain files only, under relative names, of root and of no date', () => {
  const lines = execFileSync('tar', ['-tvzf', archive, '--numeric-owner', '--utc', '--full-time'], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  assert.ok(lines.length >= 6);
  for (const line of lines)
    assert.match(line, /^-rw[-x]r-[-x]r-[-x] 0\/0 +\d+ 1970-01-01 00:00:00 (?!\/|.*\.\.)\S+$/);
});
