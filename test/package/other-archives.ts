import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import { writeArchive } from '../../scripts/build/archive.ts';
import { builtFiles } from '../../scripts/build/archive-layout.ts';
import { type Archive, archiveName, type Platform } from '../../scripts/release/archives.ts';

/** An archive that was built, as a release names it. */
export function archiveOf(platform: Platform, file: string): Archive {
  return { ...platform, file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/**
 * Writes an archive of another platform or version into `folder`, laid out as the real ones are: its program is a shell script that
 * says `version` where it is asked for it. Always tar: krew goes by what an archive is, not by its name.
 */
export async function smallArchive(folder: string, platform: Platform, version: string): Promise<Archive> {
  const work = mkdtempSync(join(tmpdir(), 'memcached-backup-small-archive-'));
  try {
    const files = [...builtFiles(platform), 'LICENSE', 'THIRD_PARTY_LICENSES'];
    for (const file of files) {
      mkdirSync(dirname(join(work, file)), { recursive: true });
      writeFileSync(join(work, file), `#!/bin/sh\necho memcached-backup ${version}\n`);
    }
    chmodSync(join(work, files[0]!), 0o755);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, archiveName(platform).replace(project.version, version));
    const sha256 = await writeArchive(file, work, files);
    return { ...platform, file, sha256 };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
