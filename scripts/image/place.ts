import { dirname, join } from 'node:path';
import { cacheRoot } from '../../test/cluster/build/cache.ts';

/** Platforms of the image, by the names of the image specification, and Node's name of each processor. */
export const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;

export type Architecture = keyof typeof ARCHITECTURES;

/** What an image is made of and with, outside of every checkout. */
export function imageCache(): string {
  return join(dirname(cacheRoot()), 'image');
}
