import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { archiveName } from '../release/archives.ts';
import { krewManifest as krewManifestOf } from '../release/krew.ts';
import { writeArchive } from './archive.ts';
import { builtFiles, FROM_CHECKOUT } from './archive-layout.ts';
import { dist, root, workFolder } from './paths.ts';

/** The platform of `npm run build`. */
const PLATFORM = { os: 'linux', arch: 'amd64' } as const;

export const archive = join(dist, archiveName(PLATFORM));
export const krewManifest = join(dist, 'memcached-backup.yaml');

/** The files that go into the package besides what was built. */
export function packageInputs(): Buffer[] {
  return [...FROM_CHECKOUT, 'krew-manifest.yaml', 'package.json'].map((file) =>
    readFileSync(join(root, file)),
  );
}

/** Writes the archive and the krew manifest that names its digest. */
export async function writePackage(licenses: string): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'package-'));
  try {
    const files = [...FROM_CHECKOUT, ...builtFiles(PLATFORM)];
    for (const file of files) place(join(root, file), join(folder, file));
    writeFileSync(join(folder, 'THIRD_PARTY_LICENSES'), licenses);
    const sha256 = await writeArchive(archive, folder, [...files, 'THIRD_PARTY_LICENSES']);
    writeFileSync(krewManifest, krewManifestOf([{ ...PLATFORM, file: archive, sha256 }]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A link where the file system allows it: the executable is large. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (from.startsWith(dist)) linkSync(from, to);
  else copyFileSync(from, to);
}
