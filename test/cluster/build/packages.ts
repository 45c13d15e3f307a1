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
  'crun',
  'iptables',
  'memcached',
  'mount',
  'openssl',
  'runc',
];

/** Debian's merged /usr: packages of before the merge ship files under /bin, /lib and /sbin. */
const MERGED = ['bin', 'lib', 'lib64', 'sbin'];

/** The packages of the node. */
export function packagesStep(): BuildStep {
  return unpackedPackages('packages', PACKAGES);
}

/** Which packages: undefined means those of this machine. */
export interface PackageOrigin {
  /** Debian's name of a processor. */
  architecture?: string;
  /** The code name of a release of Debian: "trixie". */
  release?: string;
}

/**
 * A root file system with packages and the libraries they need, unpacked but not installed: nothing of
 * this machine changes and no daemon starts. Debian's archive keeps only its newest versions, so the versions
 * can't be pinned; `versions.txt` records what came.
 */
export function unpackedPackages(
  name: string,
  packages: readonly string[],
  origin: PackageOrigin = {},
): BuildStep {
  return {
    name,
    inputs: [...packages, process.arch, ...Object.values(origin)],
    make: (folder, log) => unpackPackages(packages, folder, log, origin),
  };
}

/**
 * Fills `folder` with `root`, a root file system of packages and the libraries they need, and versions.txt.
 * Lists of packages that this machine does not have are fetched beside its own.
 * @param alsoDo with each package's file, before it is removed.
 */
export async function unpackPackages(
  packages: readonly string[],
  folder: string,
  log: string,
  { alsoDo, ...origin }: PackageOrigin & { alsoDo?: (deb: string, root: string) => Promise<void> } = {},
): Promise<void> {
  const download = join(folder, 'download');
  const root = join(folder, 'root');
  mkdirSync(download);
  const options = await aptOptions(origin, download);
  await fetchAll({ packages, options, download, log });
  for (const name of MERGED) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const debs = readdirSync(download)
    .filter((file) => file.endsWith('.deb'))
    .sort();
  // dpkg -x would replace the symlinks by folders.
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
  for (const deb of debs) {
    await runLogged(log, 'sh', ['-ec', script, 'unpack', join(download, deb), root]);
    await alsoDo?.(join(download, deb), root);
  }
  writeFileSync(join(folder, 'versions.txt'), `${debs.map((deb) => deb.replace('.deb', '')).join('\n')}\n`);
  rmSync(download, { recursive: true });
}

/** Options that make apt take packages of elsewhere, with lists of its own: this machine's stay as they are. */
async function aptOptions({ architecture, release }: PackageOrigin, folder: string): Promise<string[]> {
  if (architecture === undefined && release === undefined) return [];
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'state/status'), '');
  const settings: Record<string, string> = {
    'APT::Sandbox::User': 'root',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'state/status'),
    'Dir::Cache': join(folder, 'cache'),
  };
  if (architecture !== undefined)
    Object.assign(settings, { 'APT::Architecture': architecture, 'APT::Architectures': architecture });
  if (release !== undefined) {
    const sources = join(folder, 'sources.list');
    writeFileSync(sources, `deb [signed-by=${KEYRING}] ${await debianArchive()} ${release} main\n`);
    Object.assign(settings, { 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '-' });
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Of the package debian-archive-keyring: the keys of several releases. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where this machine gets its own packages from. @throws ToolError where that is not Debian's archive. */
async function debianArchive(): Promise<string> {
  const targets = await output('apt-get', ['indextargets', '--format', '$(LABEL) $(COMPONENT) $(SITE)']);
  const [, site] = /^Debian main (\S+)$/m.exec(targets) ?? [];
  if (site === undefined) throw new ToolError('apt knows no archive of Debian; is this Debian?');
  return site;
}

interface Fetching {
  packages: readonly string[];
  /** Of every apt command. */
  options: readonly string[];
  download: string;
  log: string;
}

/** With the lists this machine has; where they are missing or name files that are gone, with fresh ones. */
async function fetchAll(fetching: Fetching): Promise<void> {
  try {
    await fetchOnce(fetching);
  } catch {
    await runLogged(fetching.log, 'apt-get', [...fetching.options, 'update']);
    await fetchOnce(fetching);
  }
}

async function fetchOnce({ packages, options, download, log }: Fetching): Promise<void> {
  const names = await withLibraries(packages, options);
  // The download is ours to read; apt's own user could not write into a folder of root's cache.
  const command = [...options, 'download', '-o', 'APT::Sandbox::User=root', ...names];
  await runLogged(log, 'apt-get', command, { cwd: download });
}

/** The packages and, recursively, the libraries they depend on; what only maintainer scripts need stays out. */
async function withLibraries(packages: readonly string[], options: readonly string[]): Promise<string[]> {
  const found = new Set(packages);
  for (let next = packages; next.length > 0; ) {
    const depends = await output('apt-cache', [...options, 'depends', '--important', ...next]);
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
