import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedStep } from '../../scripts/image/cached-step.ts';
import { type PackageOrigin, unpackedPackages } from '../cluster/build/packages.ts';

/** Where folders of this machine are seen in there. */
const MOUNTS = { tool: '/opt/tool', work: '/work' } as const;

export interface RunInside {
  /** The folder of an unpacked archive, seen as /opt/tool. */
  tool: string;
  /** A folder that is written to, seen as /work. */
  work: string;
  env?: Record<string, string>;
  timeoutMs?: number;
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
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
    inputs: [...step.inputs, String(configure)],
    make: async (folder, log) => {
      await make(folder, log);
      for (const place of ['dev', 'proc', 'root', 'tmp', ...Object.values(MOUNTS)])
        mkdirSync(join(folder, 'root', place), { recursive: true });
      configure(join(folder, 'root'));
    },
  });
  return join(folder, 'root');
}

/**
 * Runs a command in a root file system, with an empty environment. Of this machine it sees /proc of its own processes, /dev, the network, and the
 * two folders. Needs root, for chroot(8); what is mounted is gone with the process.
 */
export function runInside(
  root: string,
  { tool, work, env = {}, timeoutMs = 120_000 }: RunInside,
  command: readonly string[],
): Outcome {
  const script = `
    mount --bind "$2" "$1${MOUNTS.tool}"
    mount --bind "$3" "$1${MOUNTS.work}"
    mount --bind /dev "$1/dev"
    mount -t tmpfs tmp "$1/tmp"
    mount -t proc proc "$1/proc"
    shift 3
    exec env -i "$@"`;
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const inside = [...set, '/usr/sbin/chroot', root, ...command];
  // Files, for Wine knows no sockets, which Node's pipes are.
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-output-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const [stdout = 1, stderr = 2] = files.map((file) => openSync(file, 'w'));
  try {
    const { status } = spawnSync(
      'unshare',
      ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', script, 'sh', root, tool, work, ...inside],
      { stdio: ['ignore', stdout, stderr], timeout: timeoutMs },
    );
    const [said = '', complained = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { code: status, stdout: said, stderr: complained };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
    rmSync(folder, { recursive: true });
  }
}
