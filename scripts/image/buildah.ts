import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackedPackages } from '../../test/cluster/build/packages.ts';
import { cachedStep } from './cached-step.ts';

const run = promisify(execFile);

/** Whatever the image, it is built here: nothing is fetched, so nobody's signature counts. */
const POLICY = '{"default":[{"type":"insecureAcceptAnything"}]}\n';

/** Debian's buildah with a storage of its own, which goes away at the end of its block: it needs no daemon and nothing installed. */
export interface Buildah extends AsyncDisposable {
  /** Returns standard output. @throws Error with what buildah said. */
  (...args: string[]): Promise<string>;
}

export async function startBuildah(): Promise<Buildah> {
  const root = join(await cachedStep(unpackedPackages('buildah', ['buildah'])), 'root');
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-image-'));
  const home = join(folder, 'home');
  mkdirSync(join(home, '.config/containers'), { recursive: true });
  writeFileSync(join(home, '.config/containers/policy.json'), POLICY);
  writeFileSync(join(folder, 'containers.conf'), '');
  writeFileSync(join(folder, 'registries.conf'), 'unqualified-search-registries = []\n');
  const libraries = join(root, 'usr/lib');
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: folder,
    XDG_RUNTIME_DIR: folder,
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
    LD_LIBRARY_PATH: readdirSync(libraries)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(libraries, name))
      .join(':'),
  };
  // vfs takes no mounts, so that it works in a container too.
  const storage = [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'vfs',
  ];
  const buildah = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(join(root, 'usr/bin/buildah'), [...storage, ...args], {
      env,
      maxBuffer: 1 << 24,
    });
    return stdout.trim();
  };
  return Object.assign(buildah, {
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  });
}
