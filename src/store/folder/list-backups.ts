import { type Dirent, readdirSync, statSync } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { Turns } from '../../errors/in-turns.ts';
import { mapLimited } from '../../errors/map-limited.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import type { StoreName } from '../advice.ts';
import { errnoOf } from '../errno.ts';
import { inspectBackup, inspectBackupAtOnce } from '../format/inspect-backup.ts';
import { isFolderName } from '../format/layout.ts';
import type { BackupAddress, ListedBackup, ListOptions } from '../store.ts';
import { readError, reasonOf } from '../store-error.ts';
import { FolderFiles } from './folder-files.ts';
import { FolderFilesAtOnce } from './folder-files-at-once.ts';
import { isOnLocalDisk } from './local-disk.ts';

/** Backups read at once: enough to keep a slow disk busy, few enough for any limit on open files. */
const AT_ONCE = 16;

const LEVELS = ['cluster', 'namespace', 'release', 'id'] as const;

/** What is wrong with one between the store and the backups. */
const LINK = 'it is a symbolic link, which nothing is read through';

/** A folder of the store at some level, or what stands in its place. Parts below its level are "". */
export interface StoreFolder {
  address: BackupAddress;
  /** Where it is, and how the user would write that. */
  path: string;
  location: string;
  damage?: string;
  next?: Advice;
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
  options?: ListOptions,
): Promise<ListedBackup[]> {
  const atOnce = await isOnLocalDisk(root);
  const folders = await findFolders(root, store.location, filter, { atOnce }).catch((error: unknown) => {
    throw readError(error, store);
  });
  const found = atOnce
    ? await inspectInTurns(folders, options)
    : await mapLimited(folders, AT_ONCE, (folder) => inspect(folder, options));
  return found.filter((listed) => listed !== undefined);
}

/** Of a store on a local disk. */
async function inspectInTurns(
  folders: readonly StoreFolder[],
  options: ListOptions | undefined,
): Promise<(ListedBackup | undefined)[]> {
  const turns = new Turns();
  const found: (ListedBackup | undefined)[] = [];
  for (const folder of folders) {
    if (turns.isOver()) await turns.next();
    const { address, path, location, damage } = folder;
    const inspected =
      damage === undefined
        ? inspectBackupAtOnce(new FolderFilesAtOnce(path), address, location, options)
        : undefined;
    found.push(
      inspected === undefined || inspected.isMissing ? await inspect(folder, options) : inspected.listed,
    );
  }
  return found;
}

/**
 * The folders of backups below `root`, and what stands in their place or in the way to them.
 * @param location the same as the user would write it.
 * @param atOnce read without giving way: on a local disk alone.
 * @throws Error of the operating system where `root` itself can't be read.
 */
export async function findFolders(
  root: string,
  location: string,
  filter: Partial<BackupAddress>,
  { atOnce = false }: { atOnce?: boolean } = {},
): Promise<StoreFolder[]> {
  if (atOnce) assertReadableAtOnce(root);
  else await assertReadable(root);
  const start: StoreFolder = {
    address: { cluster: '', namespace: '', release: '', id: '' },
    path: root,
    location,
  };
  const turns = new Turns();
  const children = atOnce ? childrenAtOnce : childrenOf;
  let folders = [start];
  for (const level of LEVELS) {
    const found = await mapLimited(folders, AT_ONCE, async (folder) => {
      await turns.next();
      return children(folder, level, filter[level]);
    });
    folders = found.flat();
  }
  return folders;
}

async function assertReadable(root: string): Promise<void> {
  if (!(await stat(root)).isDirectory()) throw noFolder();
  await readdir(root);
}

function assertReadableAtOnce(root: string): void {
  if (!statSync(root).isDirectory()) throw noFolder();
  readdirSync(root);
}

function noFolder(): Error {
  return Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
}

type Level = (typeof LEVELS)[number];

async function childrenOf(
  folder: StoreFolder,
  level: Level,
  wanted: string | undefined,
): Promise<StoreFolder[]> {
  if (folder.damage !== undefined) return [folder];
  try {
    return foldersAmong(await readdir(folder.path, { withFileTypes: true }), folder, { level, wanted });
  } catch (error) {
    return inPlaceOf(folder, error);
  }
}

function childrenAtOnce(folder: StoreFolder, level: Level, wanted: string | undefined): StoreFolder[] {
  if (folder.damage !== undefined) return [folder];
  try {
    return foldersAmong(readdirSync(folder.path, { withFileTypes: true }), folder, { level, wanted });
  } catch (error) {
    return inPlaceOf(folder, error);
  }
}

function foldersAmong(
  entries: readonly Dirent[],
  { address, path, location }: StoreFolder,
  { level, wanted }: { level: Level; wanted: string | undefined },
): StoreFolder[] {
  return entries
    .filter((entry) => (wanted === undefined || entry.name === wanted) && belongs(entry, level, wanted))
    .map((entry) => ({
      address: { ...address, [level]: entry.name },
      path: `${path}${sep}${entry.name}`,
      location: join(location, entry.name),
      // Something else under a backup's name is not passed over: a backup was expected there.
      ...(entry.isDirectory() ? {} : { damage: level === 'id' ? 'it is not a folder' : LINK }),
    }));
}

/** Nothing where it was removed meanwhile. */
function inPlaceOf(folder: StoreFolder, error: unknown): StoreFolder[] {
  if (errnoOf(error) === 'ENOENT') return [];
  const next = shell('ls', '-ld', folder.location);
  return [{ ...folder, damage: `the folder can't be read: ${reasonOf(error)}`, next }];
}

function belongs(entry: Dirent, level: Level, wanted: string | undefined): boolean {
  if (level === 'id') return isBackupId(entry.name);
  // A link is somebody else's, but for the one that stands where the wanted backups should be.
  const isIt = entry.isDirectory() || (wanted !== undefined && entry.isSymbolicLink());
  return isIt && isFolderName(entry.name);
}

/** @returns undefined where it was removed meanwhile. */
async function inspect(
  { address, path, location, damage, next }: StoreFolder,
  options: ListOptions | undefined,
): Promise<ListedBackup | undefined> {
  if (damage !== undefined)
    return { address, location, damage, unreadable: true, ...(next === undefined ? {} : { next }) };
  const files = new FolderFiles(path, location);
  const { listed, isMissing } = await inspectBackup(files, address, location, options);
  return isMissing && (await isGone(path)) ? undefined : listed;
}

/** Whether there is nothing under this path, or was and is gone. */
export async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  );
}
