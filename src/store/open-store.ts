import { UsageError } from '../errors/tool-error.ts';
import { storeFlag } from './advice.ts';
import type { Store } from './store.ts';

/** "s3:", "git+https:", "pvc:" … but neither a Windows drive ("C:") nor a path. */
const SCHEME = /^([a-z][a-z0-9.+-]+):/i;

/**
 * Opens the store that `--store` or MEMCACHED_BACKUP_STORE names. Nothing is read or made yet: a folder may
 * be missing until the first backup.
 * @param inEnvironment MEMCACHED_BACKUP_STORE, which a command that is advised finds by itself.
 * @throws UsageError for kinds of stores that this version does not have.
 */
export async function openStore(location: string, inEnvironment?: string): Promise<Store> {
  if (location.trim() === '') {
    throw new UsageError('the store has no name', { next: 'name a folder: --store ./memcached-backups' });
  }
  const [, scheme] = SCHEME.exec(location) ?? [];
  if (scheme !== undefined) {
    throw new UsageError(
      `stores of the kind ${scheme}: are not built yet; this version keeps backups in a folder`,
      { next: 'name a folder: --store ./memcached-backups (or ./NAME where its name holds a ":")' },
    );
  }
  const { FolderStore } = await import('./folder-store.ts');
  return new FolderStore(location, storeFlag(location, inEnvironment));
}
