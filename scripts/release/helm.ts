import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import { writeArchive } from '../build/archive.ts';
import { root } from '../build/paths.ts';
import type { Archive } from './archives.ts';
import { sha256Of } from './checksums.ts';

/** Who signs, with the user's own gpg: its home, its agent and what holds the key are as at home. */
export interface Signing {
  /** As `gpg --local-user` takes it: a fingerprint, or an address. */
  key: string;
}

/** What a release takes the key from. */
const KEY_VARIABLE = 'MEMCACHED_BACKUP_SIGNING_KEY';

/** Undefined where nobody signs. */
export function signingFrom(env: NodeJS.ProcessEnv): Signing | undefined {
  const key = env[KEY_VARIABLE];
  return key === undefined || key === '' ? undefined : { key };
}

/** What came of a Helm plugin archive. */
export interface HelmPlugin {
  /** Paths of what was written. */
  files: string[];
  /** What was not, as a sentence without a full stop. */
  leftOut?: string;
}

/** What the plugin is made of, beside SHA256SUMS. */
const OF_CHECKOUT = [
  'completion.yaml',
  'plugin.complete',
  'LICENSE',
  'plugin.yaml',
  'scripts/install-binary.ps1',
  'scripts/install-binary.sh',
];

/** Named as Helm names them: Helm 4 takes the plugin's folder from the archive's name (plugin/installer, stripPluginName). */
export function helmPluginName(): string {
  return `${project.name}-${project.version}.tgz`;
}

/**
 * Writes the plugin that Helm installs on every platform: no binary, but the digests of all archives, to which its hook
 * (scripts/install-binary.sh) holds the one that it gets. So a signature of this file covers the binary as well. Where somebody
 * signs, also its .prov, as `helm plugin package --sign` writes it, and the public key.
 *
 * Helm's own command is not used: what it packs depends on the time and the user, and it takes keys from a file of secret keys alone.
 * @throws Error where gpg can't sign.
 */
export async function writeHelmPlugin(
  folder: string,
  archives: readonly Archive[],
  signing?: Signing,
): Promise<HelmPlugin> {
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, helmPluginName());
  const work = mkdtempSync(join(tmpdir(), 'memcached-backup-helm-plugin-'));
  try {
    const plugin = join(work, project.name);
    for (const file of OF_CHECKOUT) {
      mkdirSync(dirname(join(plugin, file)), { recursive: true });
      cpSync(join(root, file), join(plugin, file));
    }
    const sums = archives.map(({ file, sha256 }) => `${sha256}  ${basename(file)}\n`);
    writeFileSync(join(plugin, 'SHA256SUMS'), sums.join(''));
    await writeArchive(archive, work, [project.name]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (signing === undefined)
    return {
      files: [archive],
      leftOut: `the Helm plugin is not signed: ${KEY_VARIABLE} names no key of gpg's`,
    };
  return { files: [archive, signProvenance(archive, signing), writePublicKey(folder, signing)] };
}

/**
 * Writes ARCHIVE.prov: the plugin's metadata and the archive's digest, signed in the clear (helm.sh/docs/topics/provenance).
 * @returns its path.
 */
function signProvenance(archive: string, signing: Signing): string {
  const metadata = readFileSync(join(root, 'plugin.yaml'), 'utf8').replaceAll(/^#.*\n/gm, '');
  const message = `${metadata}\n...\nfiles:\n  ${basename(archive)}: sha256:${sha256Of(archive)}\n`;
  const provenance = `${archive}.prov`;
  writeFileSync(provenance, gpg(['--local-user', signing.key, '--clear-sign', '--output', '-'], message));
  return provenance;
}

/** @returns the path of the key that verifies, in the form that Helm and gpg read. */
function writePublicKey(folder: string, { key }: Signing): string {
  const file = join(folder, `${project.name}-key.asc`);
  writeFileSync(file, gpg(['--armor', '--export', key], ''));
  return file;
}

function gpg(args: string[], input: string): Buffer {
  return execFileSync('gpg', ['--batch', ...args], { input, stdio: ['pipe', 'pipe', 'inherit'] });
}
