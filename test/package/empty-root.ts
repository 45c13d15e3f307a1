import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RootOutcome, runInRoot } from '../support/run-in-root.ts';

export interface EmptyRoot extends Disposable {
  /** Runs the unpacked executable there, with an empty environment. */
  run(...args: string[]): RootOutcome;
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
    run: (...args) => runInRoot(root, [`/opt/tool/${executable}`, ...args]),
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
