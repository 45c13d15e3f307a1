import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { output, runLogged } from '../run.ts';
import type { BuildStep } from './cache.ts';

/** The programs of the node that are not built from source. */
const PACKAGES = [
  'busybox-static',
  'containerd',
  'containernetworking-plugins',
  'iptables',
  'memcached',
  'mount',
  'openssl',
  'runc',
];

/** Debian's merged /usr: packages of before the merge ship files under /bin, /lib and /sbin. */
const MERGED = ['bin', 'lib', 'lib64', 'sbin'];

/**
 * A root file system with those packages and the libraries they need, unpacked but not installed: nothing of
 * this machine changes and no daemon starts. Debian's archive keeps only its newest versions, so the versions
 * can't be pinned; `versions.txt` records what came.
 */
export function packagesStep(): BuildStep {
  return { name: 'packages', inputs: [...PACKAGES, process.arch], make };
}

async function make(folder: string, log: string): Promise<void> {
  const download = join(folder, 'download');
  const root = join(folder, 'root');
  mkdirSync(download);
  await fetchAll(download, log);
  for (const name of MERGED) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const debs = readdirSync(download)
    .filter((file) => file.endsWith('.deb'))
    .sort();
  // dpkg -x would replace the symlinks by folders.
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
  for (const deb of debs) await runLogged(log, 'sh', ['-ec', unpack, 'unpack', join(download, deb), root]);
  writeFileSync(join(folder, 'versions.txt'), `${debs.map((deb) => deb.replace('.deb', '')).join('\n')}\n`);
  rmSync(download, { recursive: true });
}

/** With the lists this machine has; where they are missing or name files that are gone, with fresh ones. */
async function fetchAll(download: string, log: string): Promise<void> {
  try {
    await fetchOnce(download, log);
  } catch {
    await runLogged(log, 'apt-get', ['update']);
    await fetchOnce(download, log);
  }
}

async function fetchOnce(download: string, log: string): Promise<void> {
  const names = await withLibraries(PACKAGES);
  // The download is ours to read; apt's own user could not write into a folder of root's cache.
  await runLogged(log, 'apt-get', ['download', '-o', 'APT::Sandbox::User=root', ...names], { cwd: download });
}

/** The packages and, recursively, the libraries they depend on; what only maintainer scripts need stays out. */
async function withLibraries(packages: string[]): Promise<string[]> {
  const found = new Set(packages);
  for (let next = packages; next.length > 0; ) {
    const depends = await output('apt-cache', ['depends', '--important', ...next]);
    next = [...depends.matchAll(/Depends: (lib\S+|zlib\S+)$/gm)]
      .map((match) => match[1]!)
      .filter((name) => !found.has(name));
    next = [...new Set(next)];
    for (const name of next) found.add(name);
  }
  if (!found.has('libc6'))
    throw new ToolError('apt-cache names no dependency libc6; is this Debian or Ubuntu?');
  return [...found];
}
