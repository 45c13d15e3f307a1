import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Platform } from '../../scripts/release/archives.ts';
import { VERSION } from '../../src/cli/version.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { flatKubeconfig } from '../e2e/support/kubeconfig.ts';
import { aRelease } from '../e2e/support/release.ts';
import type { RootOutcome } from '../support/run-in-root.ts';
import { type PlatformFolder, platformFolder } from './platform-folder.ts';
import { rootOf, runInside } from './root-file-system.ts';

const cluster = await ensureCluster();
const release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-elsewhere-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await release[Symbol.asyncDispose]();
});
const { name, namespace } = release;
const kubeconfig = JSON.stringify(await flatKubeconfig(cluster.kubectl, cluster.kubeconfig));

/** A system, and how the tool is started and files are called there. */
interface Place {
  name: string;
  platform: Platform;
  root: string;
  /** What stands before the executable's path. */
  starter?: readonly string[];
  env?: Record<string, string>;
  /** A file below /opt/tool or /work, as its programs call it. */
  path?: (path: string) => string;
}

const AMD64 = { os: 'linux', arch: 'amd64' } as const;
/** What the executable needs of a system (docs/versions.md). */
const LIBRARIES = ['libc6', 'libstdc++6'];
const WINE = '/usr/lib/wine';
/** Its server writes the registry when it ends, which is after the program. */
const UNTIL_WINE_ENDS = `"$@"; code=$?; ${WINE}/wineserver64 -w; exit $code`;
const places: (() => Promise<Place>)[] = [
  ...['bullseye', 'bookworm', 'trixie'].map((debian) => async () => ({
    name: `Debian ${debian}`,
    platform: AMD64,
    root: await rootOf(debian, LIBRARIES, { release: debian }),
  })),
  async () => ({
    name: 'ARM, by qemu',
    platform: { os: 'linux', arch: 'arm64' },
    root: await rootOf('arm64', LIBRARIES, { architecture: 'arm64' }),
    starter: ['/opt/tool/qemu'],
  }),
  async () => ({
    name: 'Windows, by Wine',
    platform: { os: 'windows', arch: 'amd64' },
    root: await rootOf('wine', ['dash', 'wine64'], { release: 'trixie' }, markedForWine),
    starter: ['/usr/bin/dash', '-c', UNTIL_WINE_ENDS, 'dash', `${WINE}/wine64`],
    env: {
      HOME: '/work',
      WINEPREFIX: '/work/wine',
      WINESERVER: `${WINE}/wineserver64`,
      WINEDEBUG: '-all',
      WINEDLLOVERRIDES: 'mscoree,mshtml=',
    },
    path: (path) => `Z:${path.replaceAll('/', '\\')}`,
  }),
];

/** Starts the tool there. */
type Tool = (...args: string[]) => RootOutcome;

const trials: { place: Place; built: PlatformFolder; work: string }[] = [];
for (const make of places) {
  const place = await make();
  const built = await platformFolder(place.platform);
  after(() => built[Symbol.dispose]());
  if (place.platform.arch === 'arm64') copyFileSync(await qemu(), join(built.folder, 'qemu'));
  const work = mkdtempSync(join(folder, 'work-'));
  writeFileSync(join(work, 'kubeconfig'), kubeconfig);
  trials.push({ place, built, work });
}

for (const { place, built, work } of trials)
  describe(`on ${place.name}`, () => {
    const { root, starter = [], env = {}, path = (name: string) => name } = place;
    const program = path(`/opt/tool/${built.executable}`);
    const tool: Tool = (...args) =>
      runInside(root, { tool: built.folder, work, env }, [...starter, program, ...args]);
    const given = ['--store', path('/work/store'), '--kubeconfig', path('/work/kubeconfig'), '-n', namespace];

    test('it starts, and says its version and its help', () => {
      assert.equal(ok(tool('--version')), `memcached-backup ${VERSION}\n`);
      assert.match(ok(tool('restore', '--help')), /^Usage:$/m);
    });

    test('it saves a release of a real cluster, reads it, and its backup is what this machine reads, too', async () => {
      const id = ok(tool('backup', name, '-o', 'name', '--verify', ...given)).trim();
      assert.match(id, new RegExp(`^${namespace}/${name}@\\d{8}T\\d{6}Z$`));
      assert.match(ok(tool('list', name, ...given)), new RegExp(id.replace(/.*@/, '')));
      assert.match(ok(tool('show', name, ...given)), /^ {2}deployment\.apps\/my-memcached /m);
      ok(tool('diff', name, ...given));
      const store = ['--store', join(work, 'store')];
      assert.equal((await release.cli.ok('list', '-o', 'name', ...store)).trim(), id);
      await release.cli.ok('verify', id.replace(/.*\//, ''), ...store);
    });

    test('it restores what was deleted, and takes that back', async () => {
      const there = ['get', `service/${name}`, '-o', 'name', '--ignore-not-found'];
      await release.kubectl.ok('delete', 'service', name);
      ok(tool('restore', name, '--yes', ...given));
      assert.notEqual(await release.kubectl.ok(...there), '');
      ok(tool('undo', name, '--yes', ...given));
      assert.equal(await release.kubectl.ok(...there), '');
      ok(tool('restore', name, '--yes', ...given));
    });
  });

/** As libwine's postinst does: Wine takes only what says that it is Wine's. */
function markedForWine(root: string): void {
  const library = readFileSync(join(root, 'usr/x86_64-w64-mingw32/lib/zlib1.dll'));
  library.fill(0, 64, 96).write('Wine builtin DLL', 64);
  writeFileSync(join(root, 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll'), library);
}

function ok({ code, stdout, stderr }: RootOutcome): string {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout.replaceAll('\r\n', '\n');
}

/** Runs programs of ARM, and is itself without libraries. */
async function qemu(): Promise<string> {
  return join(await rootOf('qemu', ['libc6', 'qemu-user-static']), 'usr/bin/qemu-aarch64-static');
}
