import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from '../run.ts';

/** What `docker inspect` shows as Config: see the image specification, "config" of an image's JSON. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
}

/** The image specification's name of this machine's processor. */
export const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes a root file system as an image of one layer, in the archive format of `docker save`, for `loadImage`.
 * The same input gives the same bytes, so that an image's digest says what is in it.
 */
export async function writeDockerArchive(
  file: string,
  name: string,
  rootfs: string,
  { architecture = ARCHITECTURE, ...config }: ImageConfig & { architecture?: string },
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'image-'));
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  try {
    await output('tar', [...same, '-C', rootfs, '-cf', join(work, 'layer.tar'), '.']);
    const layer = createHash('sha256')
      .update(readFileSync(join(work, 'layer.tar')))
      .digest('hex');
    const rootfsJson = { type: 'layers', diff_ids: [`sha256:${layer}`] };
    const image = { architecture, os: 'linux', config: { Env: [PATH], ...config }, rootfs: rootfsJson };
    writeFileSync(join(work, 'config.json'), JSON.stringify(image));
    writeFileSync(
      join(work, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]),
    );
    await output('tar', [...same, '-C', work, '-cf', file, 'config.json', 'layer.tar', 'manifest.json']);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
