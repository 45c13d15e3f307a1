import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The build cache, outside of every checkout so that a fresh clone finds it. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'memcached-backup', 'cluster');
}

/** One thing to build. Its folder in the cache is named after its inputs: other inputs, another folder. */
export interface BuildStep {
  name: string;
  /** Everything that decides what comes out. */
  inputs: string[];
  /** Fills `folder`; `log` takes the commands' output. */
  make(folder: string, log: string): Promise<void>;
}

/** The folder of a finished step; it exists if and only if the step is complete. */
export function stepFolder(root: string, step: BuildStep): string {
  const key = createHash('sha256').update(JSON.stringify(step.inputs)).digest('hex').slice(0, 12);
  return join(root, `${step.name}-${key}`);
}

export function isBuilt(root: string, step: BuildStep): boolean {
  return existsSync(stepFolder(root, step));
}

/** Builds into a temporary name and renames: a killed build leaves nothing that looks finished. */
export async function buildStep(root: string, step: BuildStep): Promise<void> {
  const folder = stepFolder(root, step);
  const part = `${folder}.part`;
  const log = join(root, 'log', `${step.name}.log`);
  rmSync(part, { recursive: true, force: true });
  rmSync(log, { force: true });
  mkdirSync(part, { recursive: true });
  await step.make(part, log);
  renameSync(part, folder);
}
