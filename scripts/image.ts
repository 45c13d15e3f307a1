import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import project from '../package.json' with { type: 'json' };
import { ARCHITECTURE } from '../test/cluster/build/docker-archive.ts';
import { bundle } from './build/bundle.ts';
import { crossBuilt } from './build/cross-build.ts';
import { dist, executable, workFolder } from './build/paths.ts';
import { whenChanged } from './build/when-changed.ts';
import { buildImage, DOCKERFILE } from './image/build-image.ts';
import { type Buildah, startBuildah } from './image/buildah.ts';
import { imageObstacle } from './image/obstacle.ts';
import { ARCHITECTURES, type Architecture } from './image/place.ts';
import { systemOf } from './image/system.ts';
import { sha256Of } from './release/checksums.ts';

/**
 * Builds the image of the Dockerfile for every platform, as one OCI archive in dist/: without a Docker daemon, and the same from
 * the same sources to the byte.
 *
 *   skopeo copy --all oci-archive:dist/memcached-backup-v0.1.0-image.tar docker://…
 */
const NAME = `memcached-backup:${project.version}`;
const archive = join(dist, `memcached-backup-v${project.version}-image.tar`);
const architectures = Object.keys(ARCHITECTURES) as Architecture[];

const obstacle = imageObstacle();
if (obstacle !== undefined) throw new Error(obstacle);
await import('./build.ts');
const { start, scripts } = await bundle();
const executables = new Map<Architecture, string>();
for (const architecture of architectures) executables.set(architecture, await executableFor(architecture));
const systems = await Promise.all(architectures.map(systemOf));
const inputs = [
  readFileSync(DOCKERFILE),
  ...[...executables.values()].map(sha256Of),
  ...systems.map(({ versions }) => versions),
];
await whenChanged({ name: 'image', inputs, outputs: [archive] }, writeImage);
console.log(archive);

/** This machine's own, or one that is made for the other processor. */
async function executableFor(architecture: Architecture): Promise<string> {
  if (architecture === ARCHITECTURE) return executable;
  return crossBuilt({ os: 'linux', arch: architecture }, { start, scripts });
}

async function writeImage(): Promise<void> {
  await using buildah = await startBuildah();
  const list = `localhost/${NAME}`;
  await buildah('manifest', 'create', list);
  for (const architecture of architectures) {
    const name = `${list}-${architecture}`;
    await buildImage(buildah, { architecture, executable: executables.get(architecture)!, name });
    await buildah('manifest', 'add', '--arch', architecture, list, name);
  }
  await writeLayout(buildah, list);
}

/** As an OCI image layout in a tar of no date. */
async function writeLayout(buildah: Buildah, list: string): Promise<void> {
  const folder = mkdtempSync(join(workFolder, 'image-'));
  try {
    mkdirSync(join(folder, 'layout'));
    await buildah('manifest', 'push', '--all', list, `oci:${join(folder, 'layout')}:${NAME}`);
    const same = [
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=u+rwX,go+rX',
    ];
    execFileSync('tar', [...same, '-C', join(folder, 'layout'), '-cf', join(folder, 'image.tar'), '.']);
    renameSync(join(folder, 'image.tar'), archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
