import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { manPages } from '../docs/man-pages.ts';
import { type Archive, archiveName, type Platform } from '../release/archives.ts';
import { krewManifest as krewManifestOf } from '../release/krew.ts';
import { writeArchive } from './archive.ts';
import { builtFiles, FROM_CHECKOUT, MAN_FOLDER } from './archive-layout.ts';
import { dist, executable, library, root, workFolder } from './paths.ts';

/** The platform of `npm run build`. */
const PLATFORM = { os: 'linux', arch: 'amd64' } as const;

export const archive = join(dist, archiveName(PLATFORM));
export const krewManifest = join(dist, 'memcached-backup.yaml');

/** The files that go into the package besides what was built. */
export function packageInputs(): (Buffer | string)[] {
  const files = [...FROM_CHECKOUT, 'krew-manifest.yaml', 'package.json'].map((file) =>
    readFileSync(join(root, file)),
  );
  return [...files, ...[...manPages()].flat()];
}

/** Writes this machine's archive and the krew manifest that names its digest. */
export async function writePackage(licenses: string): Promise<void> {
  const packed = await pack(PLATFORM, { built: [executable, library], licenses, output: dist });
  writeFileSync(`${archive}.sha256`, `${packed.sha256}  ${basename(archive)}\n`);
  writeFileSync(krewManifest, krewManifestOf([packed]));
}

/**
 * Writes a platform's archive.
 * @param built the paths of what archive-layout.ts names, in its order.
 * @param output the folder that it goes to.
 */
export async function pack(
  platform: Platform,
  { built, licenses, output }: { built: readonly string[]; licenses: string; output: string },
): Promise<Archive> {
  const folder = mkdtempSync(join(workFolder, 'package-'));
  try {
    const names = builtFiles(platform);
    if (names.length !== built.length)
      throw new Error(`an archive of ${platform.os} holds ${names.join(', ')}`);
    for (const file of FROM_CHECKOUT) place(join(root, file), join(folder, file));
    built.forEach((file, index) => {
      place(file, join(folder, names[index]!));
    });
    writeFileSync(join(folder, 'THIRD_PARTY_LICENSES'), licenses);
    mkdirSync(join(folder, MAN_FOLDER), { recursive: true });
    const pages = [...manPages()].map(([name, text]) => {
      writeFileSync(join(folder, MAN_FOLDER, name), text);
      return `${MAN_FOLDER}/${name}`;
    });
    const file = join(output, archiveName(platform));
    const files = [...FROM_CHECKOUT, ...names, 'THIRD_PARTY_LICENSES', ...pages];
    return { ...platform, file, sha256: await writeArchive(file, folder, files) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A link, for executables are large; where the file system has none, a copy. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
