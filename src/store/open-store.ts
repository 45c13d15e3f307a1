import { stat } from 'node:fs/promises';
import { UsageError } from '../errors/tool-error.ts';
import { storeFlags } from './advice.ts';
import type { GitAccess } from './git/git-access.ts';
import { assertHoldsNoCredentials } from './location-secrets.ts';
import type { PvcAccess } from './pvc/pvc-access.ts';
import type { S3Access } from './s3/s3-access.ts';
import type { Store } from './store.ts';

/** "s3:", "git+https:", "pvc:" … but neither a Windows drive ("C:") nor a path. */
const SCHEME = /^([a-z][a-z0-9.+-]+):/i;

/** How a store that is not a folder is reached. */
export interface StoreAccess {
  /** Names endpoints, proxies and CAs. Credentials the SDK of S3 takes from the process's own. */
  env?: NodeJS.ProcessEnv;
  /** Breaks off what is asked of it. */
  signal?: AbortSignal;
  /** --store names it: advice does so again, also where it is the default, for a schedule may lead elsewhere. */
  isNamed?: boolean;
  s3?: S3Access;
  git?: GitAccess;
  pvc?: PvcAccess;
}

/** Whether a file of this name is taken for one backup, as `export` writes it. */
export function isArchiveName(location: string): boolean {
  return /\.(?:tar\.gz|tgz)$/.test(location);
}

/** Whether a location names a folder or a file of this machine. */
export function isPath(location: string): boolean {
  return !SCHEME.test(location);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/**
 * Opens the store that `--store` or MEMCACHED_BACKUP_STORE names. Nothing is read or made yet: a folder may
 * be missing until the first backup.
 * @param inEnvironment MEMCACHED_BACKUP_STORE, which a command that is advised finds by itself.
 * @throws UsageError for kinds of stores that this version does not have, and for a location that holds credentials.
 */
export async function openStore(
  location: string,
  inEnvironment?: string,
  { env = process.env, signal, isNamed = false, s3 = {}, git = {}, pvc }: StoreAccess = {},
): Promise<Store> {
  if (location.trim() === '') {
    throw new UsageError('the store has no name', { next: 'name a folder: --store ./memcached-backups' });
  }
  assertHoldsNoCredentials(location);
  const [, scheme] = SCHEME.exec(location) ?? [];
  if (scheme?.toLowerCase() === 's3') {
    const { S3Store } = await import('./s3/s3-store.ts');
    return new S3Store(location, {
      access: s3,
      env,
      ...(signal === undefined ? {} : { signal }),
      ...(inEnvironment === undefined ? {} : { inEnvironment }),
    });
  }
  if (scheme?.toLowerCase().startsWith('git+') === true) {
    const { GitStore } = await import('./git/git-store.ts');
    return new GitStore(location, {
      access: git,
      env,
      ...(signal === undefined ? {} : { signal }),
      ...(inEnvironment === undefined ? {} : { inEnvironment }),
    });
  }
  if (scheme?.toLowerCase() === 'pvc') {
    if (pvc === undefined)
      throw new UsageError(`no cluster is in use here, where ${location} would be a claim`);
    const { openPvcStore } = await import('./pvc/open-pvc-store.ts');
    return openPvcStore(location, {
      access: pvc,
      env,
      ...(signal === undefined ? {} : { signal }),
      ...(inEnvironment === undefined ? {} : { inEnvironment }),
    });
  }
  if (scheme !== undefined) {
    throw new UsageError(
      `there are no stores of the kind ${scheme}: backups are kept in a folder, in S3, in Git or on a claim`,
      {
        next: 'name a folder: --store ./memcached-backups (or ./NAME where its name holds a ":"), a bucket: --store s3://BUCKET/FOLDER, a repository: --store git+ssh://git@HOST/PATH.git, or a claim: --store pvc://CLAIM',
      },
    );
  }
  if (isArchiveName(location) && !(await isFolder(location))) {
    const { ArchiveStore } = await import('./archive/archive-store.ts');
    return new ArchiveStore(location, storeFlags(location, inEnvironment));
  }
  const { FolderStore } = await import('./folder/folder-store.ts');
  return new FolderStore(location, isNamed ? ['--store', location] : storeFlags(location, inEnvironment));
}
