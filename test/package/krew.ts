import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';

/** A krew plugin manifest, as far as krew reads it (krew.sigs.k8s.io/docs/developer-guide/plugin-manifest). */
export interface KrewManifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    version: string;
    homepage?: string;
    shortDescription: string;
    description?: string;
    caveats?: string;
    platforms: KrewPlatform[];
  };
}

export interface KrewPlatform {
  uri: string;
  sha256: string;
  bin: string;
  files?: { from: string; to: string }[];
  selector?: { matchLabels?: Record<string, string> };
}

const SEMVER = /^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** What `kubectl krew install` refuses (pkg/index/validation), each as a sentence; empty: it installs. */
export function krewObjections(manifest: KrewManifest): string[] {
  const { metadata, spec } = manifest;
  const rules: [boolean, string][] = [
    [manifest.apiVersion === 'krew.googlecontainertools.github.com/v1alpha2', 'apiVersion is not v1alpha2'],
    [manifest.kind === 'Plugin', 'kind is not Plugin'],
    [/^[\w-]+$/.test(metadata.name), 'metadata.name has other characters than letters, digits, "-" and "_"'],
    [
      spec.shortDescription !== '' && !/[\r\n]/.test(spec.shortDescription),
      'shortDescription is not one line',
    ],
    [SEMVER.test(spec.version), 'version is not "v" and a full semantic version'],
    [spec.platforms.length > 0, 'there is no platform'],
    ...spec.platforms.flatMap(platformRules),
  ];
  return rules.filter(([holds]) => !holds).map(([, objection]) => objection);
}

function platformRules({ uri, sha256, bin, files, selector }: KrewPlatform): [boolean, string][] {
  const labels = Object.keys(selector?.matchLabels ?? {});
  return [
    [URL.canParse(uri), 'uri is not a URL'],
    [/^[a-f0-9]{64}$/.test(sha256), 'sha256 is not 64 lower-case hex digits'],
    [bin !== '', 'bin is missing'],
    [
      labels.every((label) => ['os', 'arch'].includes(label)),
      'the selector names something else than os and arch',
    ],
    [files === undefined || files.length > 0, 'files is empty'],
    [
      (files ?? []).every(({ to }) => normalize(to) === to && !to.startsWith('..')),
      'a file goes to a path that is not clean',
    ],
  ];
}

/**
 * Installs an archive as krew does: checks the digest, moves what `files` names into a folder of the plugin's
 * own, and links `bin`. Returns the link, which is what lies on the user's PATH.
 */
export function krewInstall(manifest: KrewManifest, archive: string, krewRoot: string): string {
  const platform = manifest.spec.platforms[0];
  if (platform === undefined) throw new Error('no platform');
  const digest = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (digest !== platform.sha256)
    throw new Error(`sha256 is ${digest}, the manifest says ${platform.sha256}`);
  const unpacked = join(krewRoot, 'unpacked');
  const installed = join(krewRoot, 'store', manifest.metadata.name, manifest.spec.version);
  for (const folder of [unpacked, installed, join(krewRoot, 'bin')]) mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  for (const { from, to } of platform.files ?? [{ from: '*', to: '.' }]) {
    const found = globSync(from, { cwd: unpacked });
    if (found.length === 0) throw new Error(`the archive has no ${from}`);
    for (const file of found)
      cpSync(join(unpacked, file), join(installed, to, basename(file)), { recursive: true });
  }
  const bin = join(installed, platform.bin);
  chmodSync(bin, statSync(bin).mode | 0o111);
  const link = join(krewRoot, 'bin', `kubectl-${manifest.metadata.name.replaceAll('-', '_')}`);
  symlinkSync(bin, link);
  return link;
}
