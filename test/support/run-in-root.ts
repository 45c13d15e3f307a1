import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RunInRoot {
  /** Folders of this machine, by where they are seen in there, which is there already. */
  mounts?: Readonly<Record<string, string>>;
  /** All of the environment. */
  env?: Readonly<Record<string, string>>;
  timeoutMs?: number;
}

export interface RootOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

const CHROOT = '/usr/sbin/chroot';

/**
 * Runs a command in a root file system that has /proc, where that of its own processes is seen. Needs root, for chroot(8). What is mounted
 * is gone with the process: its namespace is its own.
 */
export function runInRoot(
  root: string,
  command: readonly string[],
  { mounts = {}, env = {}, timeoutMs = 60_000 }: RunInRoot = {},
): RootOutcome {
  const script = `
    root=$1; shift
    mount -t proc proc "$root/proc"
    while [ -n "$1" ]; do mount --bind "$2" "$root$1"; shift 2; done
    shift
    exec env -i "$@"`;
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [root, ...Object.entries(mounts).flat(), '', ...set, CHROOT, root, ...command];
  // Files, for Wine knows no sockets, which Node's pipes are.
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-output-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const [stdout = 1, stderr = 2] = files.map((file) => openSync(file, 'w'));
  try {
    const { status } = spawnSync(
      'unshare',
      ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', script, 'sh', ...words],
      {
        stdio: ['ignore', stdout, stderr],
        timeout: timeoutMs,
        env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      },
    );
    const [said = '', complained = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { code: status, stdout: said, stderr: complained };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
    rmSync(folder, { recursive: true });
  }
}
