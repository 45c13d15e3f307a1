import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { nextId } from '../../model/records/backup-id.ts';
import type { StoreName } from '../advice.ts';
import { NotDurable, renameDurably } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import { isInnerPath } from '../format/layout.ts';
import { type PreparedBackup, prepareBackup } from '../format/prepare-backup.ts';
import type { BackupAddress, BackupContent, BegunSave, SavedBackup } from '../store.ts';
import { reasonOf, writeError } from '../store-error.ts';
import type { PartialFiles } from './partial-files.ts';

export interface SaveInFolder {
  store: StoreName;
  /** The release's folder, as the user would write it, for the location of the finished backup. */
  shownParent: string;
  address: BackupAddress;
}

/**
 * A backup that is written into a hidden folder, and gets its name when it is whole; docs/format.md has the protocol.
 * Its files may be written before all of it is known.
 */
export class FolderSave implements BegunSave {
  readonly #options: SaveInFolder;
  readonly #place: Promise<Place>;
  /** The files that were given ahead of the others. */
  readonly #ahead = new Map<string, string | Uint8Array>();
  readonly #writes: Promise<void>[] = [];

  /** @param place the hidden folder, which is being made. */
  constructor(options: SaveInFolder, place: Promise<Place>) {
    this.#options = options;
    this.#place = place;
    place.catch(() => {});
  }

  write(files: BackupContent['files']): void {
    // What can't be in a backup is written nowhere: save says so.
    const proper = files.filter(({ path }) => isInnerPath(path) && !this.#ahead.has(path));
    for (const { path, content } of proper) this.#ahead.set(path, content);
    const written = this.#place.then((place) => place.files.writeAll(proper));
    written.catch(() => {});
    this.#writes.push(written);
  }

  async save(content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    try {
      return await this.finish(prepareBackup(this.#options.address, content), signal);
    } catch (error) {
      await this.drop();
      throw error;
    }
  }

  /** @throws ToolError where it can't be written, the signal's reason where that came first; nothing of it is left then. */
  async finish(backup: PreparedBackup, signal?: AbortSignal): Promise<SavedBackup> {
    try {
      const left = this.#notWritten(backup);
      const place = await this.#place;
      await Promise.all([...this.#writes, place.files.writeAll(left)]);
      signal?.throwIfAborted();
      return await giveName(backup, place, this.#options, signal);
    } catch (error) {
      await this.drop();
      throw writeError(error, this.#options.store.location);
    }
  }

  async drop(): Promise<void> {
    const place = await this.#place.catch(() => undefined);
    await Promise.allSettled(this.#writes);
    await place?.files.remove();
  }

  #notWritten({ files }: PreparedBackup): BackupContent['files'] {
    const ahead = new Map(this.#ahead);
    const left = files.filter(({ path, content }) => ahead.get(path) !== content);
    for (const { path } of files) ahead.delete(path);
    const wrong = [...ahead.keys(), ...left.map(({ path }) => path).filter((path) => this.#ahead.has(path))];
    if (wrong.length > 0) throw new Error(`${wrong[0]} was written ahead, and is not so in the backup`);
    return left;
  }
}

/** Where a backup is being written. */
interface Place {
  /** <store>/<cluster>/<namespace>/<release>, which exists. */
  parent: string;
  /** In a hidden folder of it. */
  files: PartialFiles;
}

/** Ends with a whole backup, or with none under any name. @throws the signal's reason where that came before the name. */
async function giveName(
  backup: PreparedBackup,
  { parent, files }: Place,
  { address, shownParent, store }: SaveInFolder,
  signal?: AbortSignal,
): Promise<SavedBackup> {
  for (let { id } = address; ; id = nextId(id)) {
    const { document, digest, own } = backup.document(id);
    const location = join(shownParent, id);
    try {
      if (await finishBackup(files, own, join(parent, id), signal))
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
 * @throws NotDurable where it has its name and may lose it in a power cut; the signal's reason where that came before the name; else the
 *   error of the operating system.
 */
export async function finishBackup(
  files: PartialFiles,
  own: ReadonlyMap<string, string | Uint8Array>,
  path: string,
  signal?: AbortSignal,
): Promise<boolean> {
  for (const [name, content] of own) await files.write(name, content, { replace: true });
  await files.sync();
  // A disk may take long to sync.
  signal?.throwIfAborted();
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
 * gets it and the other sees that it is taken. Windows replaces no folder, and says of a taken name only that it may not.
 */
async function renameUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await renameDurably(from, to);
    return true;
  } catch (error) {
    if (error instanceof NotDurable) throw error;
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return false;
    if (errnoOf(error) === 'EPERM' && (await isThere(to))) return false;
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
