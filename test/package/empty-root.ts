import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface EmptyRoot extends Disposable {
  /** Runs the unpacked executable there, with an empty environment. */
  run(...args: string[]): { code: number | null; stdout: string; stderr: string };
}

/**
 * A root file system with the unpacked archive in /opt/tool, the libraries of glibc and libstdc++ that the
 * executable names, a mounted /proc, and nothing else. Needs root, for chroot(8).
 * @param leaveOut files of the archive that are not unpacked.
 */
export function createEmptyRoot(archive: string, leaveOut: readonly string[] = []): EmptyRoot {
  const root = mkdtempSync(join(tmpdir(), 'memcached-backup-empty-root-'));
  const tool = join(root, 'opt/tool');
  mkdirSync(tool, { recursive: true });
  mkdirSync(join(root, 'proc'));
  execFileSync('tar', ['-xzf', archive, '-C', tool, ...leaveOut.map((file) => `--exclude=${file}`)]);
  const executable = 'dist/kubectl-memcached_backup';
  for (const library of systemLibraries(join(tool, executable))) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(realpathSync(library), join(root, library));
  }
  return {
    run: (...args) => {
      // The mount is gone with the process: its namespace is its own.
      const script =
        'mount -t proc proc "$1/proc" && root=$1 && shift && exec env -i "$(command -v chroot)" "$root" "$@"';
      const inside = ['sh', '-c', script, 'sh', root, `/opt/tool/${executable}`, ...args];
      const { status, stdout, stderr } = spawnSync(
        'unshare',
        ['--mount', '--pid', '--fork', '--kill-child', ...inside],
        {
          encoding: 'utf8',
          timeout: 60_000,
          env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
        },
      );
      return { code: status, stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What ldd names from outside the archive, but for libatomic, which a minimal system lacks. */
function systemLibraries(executable: string): string[] {
  const env = { PATH: process.env.PATH };
  const output = execFileSync('ldd', [executable], { encoding: 'utf8', env });
  return [...output.matchAll(/(?:=> )?(\/\S+) \(0x/g)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('libatomic'));
}
