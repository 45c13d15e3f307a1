import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import { type BuildStep, buildStep, cacheRoot, isBuilt, stepFolder } from './cache.ts';
import { toolStep } from './go-tools.ts';

/**
 * A program of a module in tools/, built where the cache lacks it, for tests that need it and no cluster.
 * @param program of the module, where it has another name.
 * @throws Error where it is not there and there is no Go to build it.
 */
export async function goTool(name: string, program = name, root = cacheRoot()): Promise<string> {
  return join(await builtStep(toolStep(name), root), program);
}

/** The folder of a step, built where the cache lacks it, by one process of this machine at a time. */
export async function builtStep(step: BuildStep, root = cacheRoot()): Promise<string> {
  if (!isBuilt(root, step)) {
    mkdirSync(root, { recursive: true });
    const wait = () => {};
    await withLock(join(root, 'build.lock'), wait, async () => {
      if (!isBuilt(root, step)) await buildStep(root, step);
    });
  }
  return stepFolder(root, step);
}

/** Why a tool can't be had on this machine; undefined where it can. */
export function toolObstacle(name: string, root = cacheRoot()): string | undefined {
  if (isBuilt(root, toolStep(name))) return undefined;
  return spawnSync('go', ['version']).status === 0 ? undefined : `needs Go, to build ${name}`;
}
