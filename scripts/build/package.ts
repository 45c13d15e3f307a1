import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import { writeArchive } from './archive.ts';
import { dist, root, workFolder } from './paths.ts';

export const archive = join(dist, `memcached-backup-v${project.version}-linux-amd64.tar.gz`);
export const krewManifest = join(dist, 'memcached-backup.yaml');

/** Laid out as in the checkout, so that plugin.yaml serves both. */
const FROM_CHECKOUT = [
  'LICENSE',
  'README.md',
  'plugin.yaml',
  'dist/kubectl-memcached_backup',
  'dist/libatomic.so.1',
];

/** The files that go into the package besides what was built. */
export function packageInputs(): Buffer[] {
  return ['LICENSE', 'README.md', 'plugin.yaml', 'krew-manifest.yaml', 'package.json'].map((file) =>
    readFileSync(join(root, file)),
  );
}

/** Writes the archive and the krew manifest that names its digest. */
export async function writePackage(licenses: string): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'package-'));
  try {
    for (const file of FROM_CHECKOUT) place(join(root, file), join(folder, file));
    writeFileSync(join(folder, 'THIRD_PARTY_LICENSES'), licenses);
    const files = [...FROM_CHECKOUT, 'THIRD_PARTY_LICENSES'];
    const sha256 = await writeArchive(archive, folder, files);
    writeFileSync(
      krewManifest,
      fillKrewManifest(readFileSync(join(root, 'krew-manifest.yaml'), 'utf8'), sha256),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error where the template names something else than VERSION, HOMEPAGE and SHA256. */
export function fillKrewManifest(template: string, sha256: string): string {
  const values: Record<string, string> = {
    VERSION: project.version,
    HOMEPAGE: project.homepage,
    SHA256: sha256,
  };
  return template.replace(/^(#.*\n)+/, '').replaceAll(/\{\{(\w+)\}\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`krew-manifest.yaml: nothing is known for ${placeholder}`);
    return value;
  });
}

/** A link where the file system allows it: the executable is large. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (from.startsWith(dist)) linkSync(from, to);
  else copyFileSync(from, to);
}
