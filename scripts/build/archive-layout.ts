import type { Platform } from '../release/archives.ts';

/**
 * Files of the checkout that every archive holds, under the names that they have there: so plugin.yaml serves both, and an unpacked
 * archive is a Helm plugin. The archive holds no other file of the checkout.
 */
export const FROM_CHECKOUT: readonly string[] = [
  'LICENSE',
  'README.md',
  'completion.yaml',
  'plugin.complete',
  'plugin.yaml',
  'scripts/install-binary.ps1',
  'scripts/install-binary.sh',
];

/** What is built for a platform, under the names that it has in a checkout of that platform. */
export function builtFiles({ os }: Platform): string[] {
  if (os === 'windows') return ['dist/kubectl-memcached_backup.exe'];
  if (os === 'darwin') return ['dist/kubectl-memcached_backup'];
  return ['dist/kubectl-memcached_backup', 'dist/libatomic.so.1'];
}

/** Where an archive has the man pages. */
export const MAN_FOLDER = 'man/man1';
