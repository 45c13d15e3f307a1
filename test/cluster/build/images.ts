import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { output } from '../run.ts';
import type { BuildStep } from './cache.ts';
import { writeDockerArchive } from './docker-archive.ts';

/** The images that the node has from its start; nothing can be pulled. */
export interface Images {
  memcached: string;
  toolbox: string;
}

export const PAUSE_IMAGE = 'localhost/pause:1';

// The official image's entry point: a first argument that starts with "-" is an option of memcached.
const ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in -*) set -- memcached "$@" ;; esac
exec "$@"
`;

/** Recipes belong to the inputs: change RECIPE when what is below changes what comes out. */
const RECIPE = '1';

/** `packagesRoot` is the unpacked root file system; `packagesKey` names its inputs. */
export function imagesStep(packagesRoot: () => string, packagesKey: string): BuildStep {
  return {
    name: 'images',
    inputs: [RECIPE, ENTRYPOINT, packagesKey],
    make: (folder) => make(folder, packagesRoot()),
  };
}

export function readImages(folder: string): Images {
  return JSON.parse(readFileSync(join(folder, 'images.json'), 'utf8')) as Images;
}

async function make(folder: string, packages: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'rootfs-'));
  const busybox = join(work, 'busybox');
  const memcached = join(work, 'memcached');
  try {
    mkdirSync(join(work, 'pause/bin'), { recursive: true });
    copyFileSync(join(packages, 'bin/busybox'), join(work, 'pause/bin/busybox'));
    const pause = { Entrypoint: ['/bin/busybox', 'sleep', '2147483647'] };
    await writeDockerArchive(join(folder, 'pause.tar'), PAUSE_IMAGE, join(work, 'pause'), pause);

    // Honest tags: the versions that Debian has, whatever tag a chart's default names.
    const images: Images = {
      toolbox: `docker.io/library/busybox:${await version(packages, ['busybox'], /BusyBox v([\d.]+)/)}`,
      memcached: `docker.io/library/memcached:${await version(packages, ['memcached', '-V'], /memcached ([\d.]+)/)}`,
    };
    await busyboxRoot(packages, busybox);
    await writeDockerArchive(join(folder, 'toolbox.tar'), images.toolbox, busybox, { Cmd: ['sh'] });
    await busyboxRoot(packages, memcached);
    await copyProgram(packages, memcached, '/usr/bin/memcached');
    const entrypoint = join(memcached, 'usr/local/bin/docker-entrypoint.sh');
    writeFileSync(entrypoint, ENTRYPOINT);
    chmodSync(entrypoint, 0o755);
    const config = { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['memcached'], User: '11211' };
    await writeDockerArchive(join(folder, 'memcached.tar'), images.memcached, memcached, config);
    writeFileSync(join(folder, 'images.json'), JSON.stringify(images));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function version(packages: string, command: string[], pattern: RegExp): Promise<string> {
  const text = await output('chroot', [packages, ...command]);
  const found = pattern.exec(text)?.[1];
  if (!found) throw new Error(`${command.join(' ')} printed no version: ${text.slice(0, 200)}`);
  return found;
}

/** A shell, nc and the rest of BusyBox, the users of the official memcached image, and a world-writable /tmp. */
async function busyboxRoot(packages: string, root: string): Promise<void> {
  for (const folder of ['bin', 'etc', 'tmp', 'usr/bin', 'usr/local/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(root, 0o755);
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync(join(packages, 'bin/busybox'), join(root, 'bin/busybox'));
  const applets = (await output('chroot', [packages, 'busybox', '--list'])).split('\n').filter(Boolean);
  for (const applet of applets) {
    if (!existsSync(join(root, 'bin', applet))) symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nmemcache:x:11211:11211::/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nmemcache:x:11211:\n');
}

/** A program with its loader and the libraries that the loader names. */
async function copyProgram(packages: string, root: string, program: string): Promise<void> {
  const loader = process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
  const libraries = await output('chroot', [packages, loader, '--list', program]);
  if (libraries.includes('not found')) throw new Error(`${program} lacks libraries:\n${libraries}`);
  const files = new Set([
    program,
    loader,
    ...[...libraries.matchAll(/=> (\/\S+)/g)].map((match) => match[1]!),
  ]);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(packages, file), join(root, file));
  }
}
