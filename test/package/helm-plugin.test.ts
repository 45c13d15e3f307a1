import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import project from '../../package.json' with { type: 'json' };
import { archive } from '../../scripts/build/package.ts';
import { root as checkout } from '../../scripts/build/paths.ts';
import { writeHelmPlugin } from '../../scripts/release/helm.ts';
import { expectCode, run } from '../e2e/support/process.ts';
import { freshHelm } from './fresh-helm.ts';
import { archiveOf } from './other-archives.ts';
import { programObstacle } from './programs.ts';
import { LINUX, NEXT, serveRelease } from './served-release.ts';

const NAME = 'memcached-backup';
const NOWHERE = { MEMCACHED_BACKUP_RELEASES: 'http://127.0.0.1:1' };

const skip = programObstacle('helm3') ?? programObstacle('helm4') ?? false;

describe('the Helm plugin', { skip }, async () => {
  const release = await serveRelease();
  const { home, releases, server } = release;
  after(() => release[Symbol.asyncDispose]());
  const path = release.path(release.archive.file);

  /** The archive that was built, unpacked as a user would. @returns its folder. */
  function unpackedArchive(): string {
    const folder = join(home, 'by-hand', NAME);
    if (existsSync(folder)) return folder;
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    return folder;
  }

  for (const name of ['helm3', 'helm4'] as const)
    describe(`in ${name}`, () => {
      test('an unpacked archive of the release is installed without a download, and uninstalled where it was linked', async () => {
        const helm = await freshHelm(name, home, releases);
        const folder = unpackedArchive();
        server.asked.length = 0;
        expectCode(await helm.run(['plugin', 'install', folder]));
        assert.equal(await helm.version(), `${NAME} ${project.version}\n`);
        assert.match(expectCode(await helm.run(['plugin', 'list'])).stdout, /^memcached-backup\s+0\.1\.0\s/m);
        expectCode(await helm.run(['plugin', 'uninstall', NAME]));
        assert.deepEqual(server.asked, []);
        assert.deepEqual(helm.installed(), []);
        assert.ok(existsSync(join(folder, 'dist/kubectl-memcached_backup')));
      });

      test('the plugin without a binary gets it from the release, and nothing else', async () => {
        const helm = await freshHelm(name, home, releases);
        const folder = await release.unpackedPlugin(`${name}-without`);
        server.asked.length = 0;
        expectCode(await helm.run(['plugin', 'install', folder]));
        assert.deepEqual(server.asked, [path]);
        assert.equal(await helm.version(), `${NAME} ${project.version}\n`);
        assert.deepEqual(readdirSync(join(folder, 'dist')), ['kubectl-memcached_backup', 'libatomic.so.1']);

        // By hand, for a version that can't be had.
        rmSync(join(folder, 'SHA256SUMS'));
        const manifest = join(folder, 'plugin.yaml');
        writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(project.version, NEXT));
        const script = join(folder, 'scripts/install-binary.sh');
        const byHand = await run('sh', [script], { env: { ...helm.env, ...NOWHERE } });
        assert.match(expectCode(byHand, 1).stderr, /^memcached-backup 0\.1\.0 stays in place\.$/m);
        assert.equal(await helm.version(), `${NAME} ${project.version}\n`);
      });

      test('from Git it is installed, and updated to the next version, where that can be had', async () => {
        const helm = await freshHelm(name, home, releases);
        const repository = join(home, `${name}-git`, NAME);
        for (const file of ['plugin.yaml', 'scripts/install-binary.sh', 'package.json', '.gitignore'])
          cpSync(join(checkout, file), join(repository, file));
        commitAll(repository, 'a version');
        const unverified = name === 'helm4' ? ['--verify=false'] : [];
        expectCode(await helm.run(['plugin', 'install', `file://${repository}`, ...unverified]));
        assert.equal(await helm.version(), `${NAME} ${project.version}\n`);

        const manifest = join(repository, 'plugin.yaml');
        writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(project.version, NEXT));
        commitAll(repository, 'the next');
        // Helm cleans its clone as it updates it, so that the binary of before is gone.
        const failed = expectCode(await helm.run(['plugin', 'update', NAME], NOWHERE), 1);
        assert.match(
          failed.stderr,
          /its release can't be had.*&& npm run build$.*^No binary was put in place\.$/ms,
        );
        expectCode(await helm.run(['plugin', 'update', NAME]));
        assert.equal(await helm.version(), `${NAME} ${NEXT}\n`);

        expectCode(await helm.run(['plugin', 'uninstall', NAME]));
        assert.deepEqual(helm.installed(), []);
      });

      test('a checkout that is not built, and whose release can not be had, says how to build', async () => {
        const helm = await freshHelm(name, home, releases);
        const folder = join(home, `${name}-source`);
        for (const file of ['plugin.yaml', 'scripts/install-binary.sh', 'package.json'])
          cpSync(join(checkout, file), join(folder, file));
        const { stderr } = expectCode(await helm.run(['plugin', 'install', folder], NOWHERE), 1);
        assert.match(stderr, /^ {2}cd .* && npm run build$/m);
        // It works as soon as it is built.
        assert.deepEqual(helm.installed(), [basename(folder)]);
      });

      test('a clone that is linked is warned of what "helm plugin update" deletes, and so it does', async () => {
        const helm = await freshHelm(name, home, releases);
        const origin = join(home, `${name}-origin`, NAME);
        for (const file of ['plugin.yaml', 'scripts/install-binary.sh', 'package.json', '.gitignore'])
          cpSync(join(checkout, file), join(origin, file));
        commitAll(origin, 'a version');
        const clone = join(home, `${name}-clone`, NAME);
        execFileSync('git', ['clone', '--quiet', origin, clone]);
        const { stderr } = expectCode(await helm.run(['plugin', 'install', clone]));
        assert.match(stderr, /^Warning: "helm plugin update" deletes what is not in Git/m);
        const backups = join(clone, 'memcached-backups');
        mkdirSync(backups);
        expectCode(await helm.run(['plugin', 'update', NAME]));
        assert.equal(existsSync(backups), false);
      });

      test('an install that fails or is interrupted leaves nothing', async () => {
        const helm = await freshHelm(name, home, releases);
        const folder = await release.unpackedPlugin(`${name}-failing`);
        const before = readdirSync(folder);
        const nothingLeft = () => {
          assert.deepEqual(helm.installed(), []);
          assert.deepEqual(readdirSync(folder), before);
        };
        const absent = expectCode(await helm.run(['plugin', 'install', folder], NOWHERE), 1);
        assert.match(absent.stderr, /^error: http:\/\/127\.0\.0\.1:1\/v0\.1\.0\/\S+ can't be had\.$/m);
        nothingLeft();

        const other = join(home, `${name}-other.tar.gz`);
        copyFileSync(release.archive.file, other);
        appendFileSync(other, 'more');
        server.files.set(path, other);
        const tampered = expectCode(await helm.run(['plugin', 'install', folder]), 1);
        assert.match(tampered.stderr, /is not what was released: its SHA-256 is/);
        nothingLeft();
        server.files.set(path, release.archive.file);

        server.stalled.add(path);
        server.asked.length = 0;
        const child = spawn(helm.program, ['plugin', 'install', folder], {
          env: helm.env,
          detached: true,
          stdio: 'ignore',
        });
        const ended = once(child, 'close');
        try {
          await until(() => server.asked.includes(path));
          process.kill(-child.pid!, 'SIGINT');
          await ended;
          // Helm does not wait for its hook.
          await until(() => helm.installed().length === 0 && !existsSync(join(folder, 'dist')));
        } finally {
          server.stalled.clear();
        }
        nothingLeft();
      });
    });

  test('the archive that was built is taken from a folder, too', async () => {
    const helm = await freshHelm('helm4', home, releases);
    const folder = join(home, 'built');
    const { files } = await writeHelmPlugin(folder, [archiveOf(LINUX, archive)]);
    mkdirSync(join(folder, `v${project.version}`));
    symlinkSync(archive, join(folder, `v${project.version}`, basename(archive)));
    const env = { MEMCACHED_BACKUP_RELEASES: folder };
    expectCode(await helm.run(['plugin', 'install', files[0]!, '--verify=false'], env));
    assert.equal(await helm.version(), `${NAME} ${project.version}\n`);
  });
});

/** Also makes the repository, where there is none. */
function commitAll(repository: string, message: string): void {
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example'];
  for (const words of [
    ['init', '--quiet'],
    ['add', '.'],
    [...who, 'commit', '--quiet', '-m', message],
  ])
    execFileSync('git', ['-C', repository, ...words]);
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < end, 'it does not come to that');
    await sleep(20);
  }
}
