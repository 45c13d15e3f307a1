import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buildImage, DOCKERFILE } from '../../scripts/image/build-image.ts';
import { startBuildah } from '../../scripts/image/buildah.ts';
import { imageCache } from '../../scripts/image/place.ts';
import { systemOf } from '../../scripts/image/system.ts';
import { ARCHITECTURE } from './build/docker-archive.ts';
import { instanceFrom } from './instance.ts';
import { ctrImages, listImages, loadImage, removeImage } from './load-image.ts';
import { withLock } from './lock.ts';

const NAME = 'localhost/memcached-backup';

/** When somebody asked for an image last, in seconds since 1970: a label of it in the node. */
const ASKED_AT = 'memcached-backup.test/asked-at';

/** Longer than any run of tests: what nobody asked for since then, nobody starts a pod of. The node holds images in memory. */
const OUT_OF_USE_AFTER_S = 60 * 60;

/**
 * The image that `npm run image` builds, of this machine's platform, with the built tool, in the node of our own cluster. It is named
 * after its content and stays in the node, for whoever wants the same; those that are out of use go. Its lower layer is the same
 * for every build of the tool, and the node has it once.
 * @returns its name.
 */
export async function toolImage(executable: string): Promise<string> {
  const architecture = ARCHITECTURE as 'amd64' | 'arm64';
  const { versions } = await systemOf(architecture);
  const name = `${NAME}:${(await digestOf(executable, versions)).slice(0, 12)}`;
  mkdirSync(imageCache(), { recursive: true });
  // Test files that run side by side want the same one.
  const lock = join(imageCache(), 'tool-image.lock');
  await withLock(
    lock,
    () => {},
    async () => {
      if ((await listImages(`name==${name}`)).length === 0) {
        await removeUnused();
        await build({ architecture, executable, name });
      }
      await noteAsked(name);
    },
  );
  return name;
}

async function build(wanted: Parameters<typeof buildImage>[1]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tool-image-'));
  try {
    await using buildah = await startBuildah();
    await buildImage(buildah, wanted);
    // Not compressed: it goes from this machine's memory into the node's.
    const archive = join(folder, 'image.tar');
    await buildah('push', wanted.name, `docker-archive:${archive}:${wanted.name}`);
    await loadImage(archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One that nobody is known to have asked for is asked for now: whoever put it there may be about to use it. */
async function removeUnused(): Promise<void> {
  for (const { name, labels } of await listImages(`name~=^${NAME}:`)) {
    const askedAt = new RegExp(`${ASKED_AT}=(\\d+)`).exec(labels)?.[1];
    if (askedAt === undefined) await noteAsked(name);
    else if (now() - Number(askedAt) > OUT_OF_USE_AFTER_S) await removeImage(name);
  }
}

async function noteAsked(name: string): Promise<void> {
  await ctrImages(instanceFrom(), 'label', name, `${ASKED_AT}=${now()}`);
}

/** Seconds since 1970. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

async function digestOf(executable: string, versions: string): Promise<string> {
  const hash = createHash('sha256').update(versions).update(readFileSync(DOCKERFILE));
  await pipeline(createReadStream(executable), hash);
  return hash.digest('hex');
}
