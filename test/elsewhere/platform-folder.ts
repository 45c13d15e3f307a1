import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { builtFiles } from '../../scripts/build/archive-layout.ts';
import { bundle } from '../../scripts/build/bundle.ts';
import { crossBuiltFiles } from '../../scripts/build/cross-build.ts';
import { executable, library } from '../../scripts/build/paths.ts';
import type { Platform } from '../../scripts/release/archives.ts';

/** What was built for a platform, laid out as its archive is. Goes away at the end of its block. */
export interface PlatformFolder extends Disposable {
  folder: string;
  /** The executable's path below the folder. */
  executable: string;
}

export async function platformFolder(platform: Platform): Promise<PlatformFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-platform-'));
  const names = builtFiles(platform);
  const built = await builtOf(platform);
  names.forEach((name, at) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(built[at]!, join(folder, name));
  });
  return {
    folder,
    executable: names.find((name) => basename(name).startsWith('kubectl-')) ?? '',
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** This machine's is the one of the build. */
async function builtOf(platform: Platform): Promise<string[]> {
  if (platform.os === 'linux' && platform.arch === 'amd64') return [executable, library];
  return crossBuiltFiles(platform, await bundle());
}
