import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapLimited } from '../errors/map-limited.ts';
import { isBackupId } from '../model/records/backup-id.ts';
import type { StoreName } from './advice.ts';
import { assertSizes, readDocument } from './backup-document.ts';
import { Damage } from './damage.ts';
import { errnoOf } from './errno.ts';
import { isFolderName } from './layout.ts';
import type { BackupAddress, ListedBackup } from './store.ts';
import { readError, reasonOf } from './store-error.ts';
import { readVerification } from './verified-file.ts';

/** Backups read at once: enough to keep a slow disk busy, few enough for any limit on open files. */
const AT_ONCE = 16;

const LEVELS = ['cluster', 'namespace', 'release', 'id'] as const;

/** What is wrong with one between the store and the backups. */
const LINK = 'it is a symbolic link, which nothing is read through';

/** A folder of the store at some level, or what stands in its place. Parts below its level are "". */
interface StoreFolder {
  address: BackupAddress;
  /** Where it is, and how the user would write that. */
  path: string;
  location: string;
  damage?: string;
}

/**
 * Finds every backup below `root`. Folders and files that no store makes are passed over, as are symbolic
 * links to folders; a folder that can't be read is listed as damaged, because backups may be in it.
 * @throws UnreachableError where the store itself does not exist or can't be read.
 */
export async function listBackups(
  root: string,
  store: StoreName,
  filter: Partial<BackupAddress>,
): Promise<ListedBackup[]> {
  await assertReadable(root, store);
  const { location } = store;
  const start: StoreFolder = {
    address: { cluster: '', namespace: '', release: '', id: '' },
    path: root,
    location,
  };
  let folders = [start];
  for (const level of LEVELS) {
    const found = await mapLimited(folders, AT_ONCE, (folder) => childrenOf(folder, level, filter[level]));
    folders = found.flat();
  }
  return mapLimited(folders, AT_ONCE, inspect);
}

async function assertReadable(root: string, store: StoreName): Promise<void> {
  try {
    if (!(await stat(root)).isDirectory())
      throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    await readdir(root);
  } catch (error) {
    throw readError(error, store);
  }
}

async function childrenOf(
  folder: StoreFolder,
  level: (typeof LEVELS)[number],
  wanted: string | undefined,
): Promise<StoreFolder[]> {
  if (folder.damage !== undefined) return [folder];
  try {
    const entries = await readdir(folder.path, { withFileTypes: true });
    return entries
      .filter((entry) => (wanted === undefined || entry.name === wanted) && belongs(entry, level, wanted))
      .map((entry) => ({
        address: { ...folder.address, [level]: entry.name },
        path: join(folder.path, entry.name),
        location: join(folder.location, entry.name),
        // Something else under a backup's name is not passed over: a backup was expected there.
        ...(entry.isDirectory() ? {} : { damage: level === 'id' ? 'it is not a folder' : LINK }),
      }));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    return [{ ...folder, damage: `the folder can't be read: ${reasonOf(error)}` }];
  }
}

function belongs(entry: Dirent, level: (typeof LEVELS)[number], wanted: string | undefined): boolean {
  if (level === 'id') return isBackupId(entry.name);
  // A link is somebody else's, but for the one that stands where the wanted backups should be.
  const isIt = entry.isDirectory() || (wanted !== undefined && entry.isSymbolicLink());
  return isIt && isFolderName(entry.name);
}

async function inspect({ address, path, location, damage }: StoreFolder): Promise<ListedBackup> {
  if (damage !== undefined) return { address, location, damage };
  const listed: ListedBackup = { address, location };
  try {
    const { document, sha256 } = await readDocument(path, address);
    listed.document = document;
    const [verification] = await Promise.all([readVerification(path, sha256), assertSizes(path, document)]);
    if (verification !== undefined) listed.verification = verification;
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    listed.damage = error.message;
  }
  return listed;
}
