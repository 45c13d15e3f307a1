import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../build/paths.ts';
import type { Buildah } from './buildah.ts';
import type { Architecture } from './place.ts';
import { systemOf } from './system.ts';

export const DOCKERFILE = join(root, 'Dockerfile');

/**
 * Builds the Dockerfile for one platform. The same executable and the same system give the same image, to the digest.
 * @param name of the image in buildah's storage. @returns its id.
 */
export async function buildImage(
  buildah: Buildah,
  { architecture, executable, name }: { architecture: Architecture; executable: string; name: string },
): Promise<string> {
  const system = await systemOf(architecture);
  const context = mkdtempSync(join(tmpdir(), 'memcached-backup-context-'));
  try {
    const place = join(context, 'dist/image', architecture, 'memcached-backup');
    mkdirSync(dirname(place), { recursive: true });
    placeFile(executable, place);
    await buildah('pull', `docker-archive:${system.archive}`);
    await buildah(
      'build',
      ...['--pull-never', '--isolation', 'chroot', '--timestamp', '0', '--platform', `linux/${architecture}`],
      ...[
        '--build-arg',
        `TARGETARCH=${architecture}`,
        '--build-arg',
        `SYSTEM=${system.name}`,
        '--tag',
        name,
        '--file',
        DOCKERFILE,
      ],
      context,
    );
    return await buildah('images', '--quiet', '--no-trunc', name);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** A link where the file system allows it: the executable is large. */
function placeFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
