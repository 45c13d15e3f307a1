import { execFile } from 'node:child_process';
import { globSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildStep } from '../../test/cluster/build/cache.ts';
import { unpackPackages } from '../../test/cluster/build/packages.ts';
import { cachedStep } from '../image/cached-step.ts';
import type { Platform } from '../release/archives.ts';

const NAME = 'libatomic.so.1';

/** The library that the Node running this uses. @throws Error where ldd does not say which. */
export async function libatomicHere(): Promise<string> {
  const { stdout } = await promisify(execFile)('ldd', [process.execPath]);
  const path = /libatomic\.so\.1 => (\S+)/.exec(stdout)?.[1];
  if (path === undefined) throw new Error(`ldd does not say where ${process.execPath} finds ${NAME}`);
  return realpathSync(path);
}

/**
 * The library of another processor: out of the package that this machine's Debian has for it. Debian's archive keeps only its newest versions, so the
 * version can't be pinned.
 */
export async function libatomicOf(architecture: Platform['arch']): Promise<string> {
  const step: BuildStep = {
    name: `libatomic-${architecture}`,
    inputs: [architecture],
    make: (folder, log) => unpackPackages(['libatomic1'], folder, log, { architecture }),
  };
  const folder = await cachedStep(step);
  const [found] = globSync(`root/usr/lib/*/${NAME}`, { cwd: folder });
  if (found === undefined) throw new Error(`the package libatomic1 of ${architecture} has no ${NAME}`);
  return realpathSync(join(folder, found));
}
