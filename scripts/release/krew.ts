import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import project from '../../package.json' with { type: 'json' };
import { builtFiles } from '../build/archive-layout.ts';
import { root } from '../build/paths.ts';
import { type Archive, downloadUrl } from './archives.ts';

/** What krew takes out of an archive for a platform, and where from (krew.sigs.k8s.io/docs/developer-guide/plugin-manifest). */
interface KrewPlatform {
  selector: { matchLabels: { os: string; arch: string } };
  uri: string;
  sha256: string;
  files: { from: string; to: string }[];
  bin: string;
}

interface Template {
  spec: { shortDescription: string; description: string; caveats: string };
}

/** The krew manifest of these archives, as YAML: krew-manifest.yaml, with this version and where each platform's archive is. */
export function krewManifest(archives: readonly Archive[]): string {
  const { spec, ...rest } = parse(readFileSync(join(root, 'krew-manifest.yaml'), 'utf8')) as Template;
  const { version, homepage } = project;
  const platforms = archives.map(krewPlatform);
  return stringify(
    { ...rest, spec: { version: `v${version}`, homepage, ...spec, platforms } },
    { lineWidth: 0 },
  );
}

function krewPlatform(archive: Archive): KrewPlatform {
  const { os, arch, file, sha256 } = archive;
  const built = builtFiles(archive);
  return {
    selector: { matchLabels: { os, arch } },
    uri: downloadUrl(basename(file)),
    sha256,
    files: [...built, 'LICENSE', 'THIRD_PARTY_LICENSES'].map((from) => ({ from, to: '.' })),
    bin: basename(built[0]!),
  };
}

/** Where an index of krew has a plugin's manifest. */
const IN_INDEX = 'plugins/memcached-backup.yaml';

/**
 * Puts a manifest into the krew index in `folder`, a Git repository for `kubectl krew index add NAME URL`: made where there is none,
 * else added to, for krew updates by `git fetch`. The same manifest upon the same history gives the same commit, and the same files.
 */
export function writeKrewIndex(folder: string, manifest: string): void {
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', input, env: GIT_ENVIRONMENT }).trim();
  mkdirSync(join(folder, dirname(IN_INDEX)), { recursive: true });
  if (!existsSync(join(folder, '.git'))) {
    git('', 'init', '--quiet', '--template=', '--initial-branch=main');
    git('', 'config', 'core.logAllRefUpdates', 'false');
  }
  writeFileSync(join(folder, IN_INDEX), manifest);
  // Not `git add`, which keeps the time and the inode of the file.
  const blob = git(manifest, 'hash-object', '-w', '--stdin');
  git('', 'update-index', '--add', '--cacheinfo', `100644,${blob},${IN_INDEX}`);
  const tree = git('', 'write-tree');
  const head = existing(() => git('', 'rev-parse', '--verify', '--quiet', 'HEAD'));
  if (head !== undefined && git('', 'rev-parse', `${head}^{tree}`) === tree) return;
  const { version } = (parse(manifest) as { spec: { version: string } }).spec;
  const parents = head === undefined ? [] : ['-p', head];
  git('', 'update-ref', 'HEAD', git(`memcached-backup ${version}\n`, 'commit-tree', tree, ...parents));
}

function existing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Nobody's configuration, and nobody's time: a commit is what its content says. */
const GIT_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'memcached-backup'],
      [`GIT_${who}_EMAIL`, 'release@memcached-backup.example'],
      [`GIT_${who}_DATE`, '2020-01-01T00:00:00Z'],
    ]),
  ),
};
