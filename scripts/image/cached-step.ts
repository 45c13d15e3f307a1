import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildStep, buildStep, isBuilt, stepFolder } from '../../test/cluster/build/cache.ts';
import { withLock } from '../../test/cluster/lock.ts';
import { imageCache } from './place.ts';

/** The folder of a step, built where the cache lacks it, by one process of this machine at a time. */
export async function cachedStep(step: BuildStep): Promise<string> {
  const root = imageCache();
  if (!isBuilt(root, step)) {
    mkdirSync(root, { recursive: true });
    await withLock(
      join(root, 'build.lock'),
      () => {},
      async () => {
        if (!isBuilt(root, step)) await buildStep(root, step);
      },
    );
  }
  return stepFolder(root, step);
}
