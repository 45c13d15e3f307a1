import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import type { Archive } from '../../scripts/release/archives.ts';
import { writeHelmPlugin } from '../../scripts/release/helm.ts';
import { type FileServer, startFileServer } from './file-server.ts';
import { smallArchive } from './other-archives.ts';

/** The machine of the tests. */
export const LINUX = { os: 'linux', arch: 'amd64' } as const;

/** Releases on a web server, of which there are two: small archives of this version and of `NEXT`. */
export interface ServedRelease extends AsyncDisposable {
  server: FileServer;
  /** What MEMCACHED_BACKUP_RELEASES may be. */
  releases: string;
  /** A folder for whoever uses it, which goes with it. */
  home: string;
  /** Of this version, for this machine. */
  archive: Archive;
  /** The path of a file of this version's release on the server. */
  path(file: string): string;
  /** The plugin without a binary, as a release has it, unpacked into a folder of that name in `home`. @returns the plugin's folder. */
  unpackedPlugin(name: string): Promise<string>;
}

export const NEXT = '9.9.9';

export async function serveRelease(): Promise<ServedRelease> {
  const home = mkdtempSync(join(tmpdir(), 'memcached-backup-release-'));
  const server = await startFileServer();
  const archive = await smallArchive(join(home, 'this'), LINUX, project.version);
  serve(project.version, archive);
  serve(NEXT, await smallArchive(join(home, 'next'), LINUX, NEXT));

  function serve(version: string, { file, sha256 }: Archive): void {
    const sums = join(home, `SHA256SUMS-${version}`);
    writeFileSync(sums, `${sha256}  ${basename(file)}\n`);
    server.files.set(`/download/v${version}/SHA256SUMS`, sums);
    server.files.set(`/download/v${version}/${basename(file)}`, file);
  }

  return {
    server,
    releases: `${server.url}/download`,
    home,
    archive,
    path: (file) => `/download/v${project.version}/${basename(file)}`,
    unpackedPlugin: async (name) => {
      const folder = join(home, name);
      const { files } = await writeHelmPlugin(join(folder, 'release'), [archive]);
      execFileSync('tar', ['-xzf', files[0]!, '-C', folder]);
      return join(folder, project.name);
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
