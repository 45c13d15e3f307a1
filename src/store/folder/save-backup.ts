import { join } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { nextId } from '../../model/records/backup-id.ts';
import type { StoreName } from '../advice.ts';
import { NotDurable, renameDurably } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import type { PreparedBackup } from '../format/prepare-backup.ts';
import type { BackupAddress, SavedBackup } from '../store.ts';
import { reasonOf, writeError } from '../store-error.ts';
import { PartialFiles } from './partial-files.ts';

export interface SaveInFolder {
  store: StoreName;
  /** The release's folder, as the user would write it, for the location of the finished backup. */
  shownParent: string;
  /** <store>/<cluster>/<namespace>/<release>, which exists. */
  parent: string;
  /** The hidden folder in `parent` that becomes the backup. */
  partial: string;
  address: BackupAddress;
  signal: AbortSignal | undefined;
}

/**
 * Writes a backup into a hidden folder, and gives it its name when it is whole; docs/format.md has the protocol.
 * @throws ToolError where it can't be written, the signal's reason where that came first; nothing of it is left then.
 */
export async function saveInFolder(backup: PreparedBackup, options: SaveInFolder): Promise<SavedBackup> {
  const files = new PartialFiles(options.partial);
  try {
    const written = backup.files.map(({ path, content }) => files.write(path, content, { replace: false }));
    await Promise.all(written);
    options.signal?.throwIfAborted();
    return await giveName(backup, files, options);
  } catch (error) {
    await files.remove();
    throw writeError(error, options.store.location);
  }
}

/** Not to be broken off: it ends with a whole backup or with nothing. */
async function giveName(
  backup: PreparedBackup,
  files: PartialFiles,
  { address, parent, shownParent, store }: SaveInFolder,
): Promise<SavedBackup> {
  for (let { id } = address; ; id = nextId(id)) {
    const { document, digest, own } = backup.document(id);
    const location = join(shownParent, id);
    try {
      if (await finishBackup(files, own, join(parent, id)))
        return { address: { ...address, id }, location, digest, document };
    } catch (error) {
      throw error instanceof NotDurable ? notDurable(error, location, { address, store }) : error;
    }
  }
}

/**
 * The last step of a save: the store's own files are written, all of it is synced, and the hidden folder gets its name.
 * @param own as {@link PreparedDocument.own}.
 * @param path of the finished backup.
 * @returns false where the name is taken: it may be tried again with another.
 * @throws NotDurable where it has its name and may lose it in a power cut; else the error of the operating system.
 */
export async function finishBackup(
  files: PartialFiles,
  own: ReadonlyMap<string, string | Uint8Array>,
  path: string,
): Promise<boolean> {
  for (const [name, content] of own) await files.write(name, content, { replace: true });
  await files.sync();
  return renameUnlessTaken(files.folder, path);
}

/** @param location of the backup, as the user would write it. */
export function notDurable(
  cause: NotDurable,
  location: string,
  { address, store }: Pick<SaveInFolder, 'address' | 'store'>,
): ToolError {
  const { release, namespace } = address;
  return new ToolError(
    `the backup ${location} is whole, but may not survive a power cut: ${reasonOf(cause)}`,
    {
      next: advice`check the disk, then take another backup: ${tool('backup', release, '-n', namespace, ...store.flags)}`,
      cause,
    },
  );
}

/**
 * rename(2) replaces an empty folder only, and a backup is never empty: of two writers with the same id one
 * gets it and the other sees that it is taken.
 */
async function renameUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await renameDurably(from, to);
    return true;
  } catch (error) {
    if (error instanceof NotDurable) throw error;
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}
