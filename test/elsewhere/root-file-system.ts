import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedStep } from '../../scripts/image/cached-step.ts';
import { type PackageOrigin, unpackedPackages } from '../cluster/build/packages.ts';
import { type RootOutcome, runInRoot } from '../support/run-in-root.ts';

/** Where folders of this machine are seen in there. */
const MOUNTS = ['/dev', '/opt/tool', '/tmp', '/work'] as const;

export interface RunInside {
  /** The folder of an unpacked archive, seen as /opt/tool. */
  tool: string;
  /** A folder that is written to, seen as /work. */
  work: string;
  env?: Record<string, string>;
}

/**
 * The root file system of Debian's packages, unpacked, once and cached; nothing else is in there, no /etc/passwd either.
 * @param configure what scripts of the packages would do.
 */
export async function rootOf(
  name: string,
  packages: readonly string[],
  origin: PackageOrigin = {},
  configure: (root: string) => void = () => {},
): Promise<string> {
  const { make, ...step } = unpackedPackages(`root-${name}`, packages, origin);
  const folder = await cachedStep({
    ...step,
    inputs: [...step.inputs, String(configure), ...MOUNTS],
    make: async (folder, log) => {
      await make(folder, log);
      for (const place of ['proc', ...MOUNTS]) mkdirSync(join(folder, 'root', place), { recursive: true });
      configure(join(folder, 'root'));
    },
  });
  return join(folder, 'root');
}

/** Runs a command in there. Besides the two folders it sees the devices and the network of this machine. */
export function runInside(
  root: string,
  { tool, work, env = {} }: RunInside,
  command: readonly string[],
): RootOutcome {
  const temporary = join(work, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const mounts: Record<(typeof MOUNTS)[number], string> = {
    '/dev': '/dev',
    '/opt/tool': tool,
    '/tmp': temporary,
    '/work': work,
  };
  return runInRoot(root, command, { mounts, env, timeoutMs: 120_000 });
}
