import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapLimited } from '../../../errors/map-limited.ts';
import { errnoOf } from '../../errno.ts';
import { leftoversIn, roomIn, whatKeepsFromWriting } from '../../folder/folder-condition.ts';
import { FolderFiles, replaceVerifiedFile } from '../../folder/folder-files.ts';
import { FolderReleaseFiles } from '../../folder/folder-release-files.ts';
import { assertNoLink, ensureInnerFolder, type InnerFolder } from '../../folder/inner-folder.ts';
import { findFolders, isGone, type StoreFolder } from '../../folder/list-backups.ts';
import { makePartialFolder, removeAbandoned } from '../../folder/partial-folder.ts';
import { FilesLeft, removeFolderOf } from '../../folder/remove-backup.ts';
import { Damage } from '../../format/damage.ts';
import { addressParts, CHECKSUM, DOCUMENT, releaseParts, SIGNATURE, VERIFIED } from '../../format/layout.ts';
import type { StoredFiles } from '../../format/stored-files.ts';
import type { BackupAddress, Leftover, ReleaseAddress, StoreRoom } from '../../store.ts';
import type { ToldBackup, ToldFile } from '../wire/told-backup.ts';
import { Refused } from '../wire/wire-error.ts';
import { OpenSave } from './open-save.ts';

/** Backups that are read at once for a listing. */
const AT_ONCE = 16;

/** As large as a backup.json may be; the client holds each file to its own limit. */
const MAX_LISTED_BYTES = 16 * 1024 * 1024;

/** Files whose bytes a listing takes. */
const READ_BY_LISTINGS = new Set([DOCUMENT, CHECKSUM, SIGNATURE, VERIFIED]);

/** Locations are told relative to the store; the client knows how the user calls that. */
const HERE = '.';

/** How the folder is doing. */
export interface ClaimCondition {
  /** The operating system's error; undefined where it can be written. */
  unwritable: unknown;
  room: Omit<StoreRoom, 'fix'> | undefined;
  /** Their locations are relative to the store. */
  leftovers: Pick<Leftover, 'location' | 'at'>[];
}

/**
 * The folder on the mounted claim, as a store's folder is read and written (src/store/folder): the same hidden folders, the
 * same fsync and rename, no link followed. Everything is named by address, nothing by path. Errors are those of the operating
 * system, damages, or sentences; the client puts them in words.
 */
export class ClaimFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Tells each backup as soon as its files are read. */
  async list(filter: Partial<BackupAddress>, tell: (told: ToldBackup) => Promise<void>): Promise<void> {
    const folders = await findFolders(this.#root, HERE, filter);
    await mapLimited(folders, AT_ONCE, async (folder) => {
      const told = await listed(folder);
      if (told !== undefined) await tell(told);
    });
  }

  async look(address: BackupAddress): Promise<'folder' | 'nothing' | 'other'> {
    const parts = addressParts(address);
    await stat(this.#root);
    await assertNoLink(this.#inner(parts.slice(0, -1)));
    try {
      return (await lstat(join(this.#root, ...parts))).isDirectory() ? 'folder' : 'other';
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      return 'nothing';
    }
  }

  async files(address: BackupAddress): Promise<StoredFiles> {
    const parts = addressParts(address);
    await assertNoLink(this.#inner(parts.slice(0, -1)));
    return new FolderFiles(join(this.#root, ...parts), HERE);
  }

  /** A backup's files: the bytes of as many as the budget allows, and the sizes of the others. */
  async fetch(address: BackupAddress, budget: number): Promise<ToldBackup> {
    const files = await this.files(address);
    const sizes = await Promise.all(
      (await files.paths()).map(async (path) => ({ path, told: await toldSize(files, path) })),
    );
    let left = budget;
    const told = sizes.map(async ({ path, told }): Promise<[string, ToldFile]> => {
      if (!('size' in told) || told.size > left) return [path, told];
      left -= told.size;
      return [path, await toldContent(files, path, told.size)];
    });
    return { address, files: new Map(await Promise.all(told)) };
  }

  /** Writes verified.json, all of it or nothing; undefined removes it. */
  async note(address: BackupAddress, text: string | undefined): Promise<void> {
    const parts = addressParts(address);
    await assertNoLink(this.#inner(parts));
    await replaceVerifiedFile(join(this.#root, ...parts), text);
  }

  async begin(address: BackupAddress): Promise<OpenSave> {
    const [cluster, namespace, release, id] = addressParts(address);
    const parent = await ensureInnerFolder(this.#inner([cluster, namespace, release]));
    await removeAbandoned(parent, Date.now());
    return new OpenSave(parent, await makePartialFolder(parent, id));
  }

  async remove(address: BackupAddress): Promise<void> {
    const parts = addressParts(address);
    await assertNoLink(this.#inner(parts.slice(0, -1)));
    try {
      await removeFolderOf(join(this.#root, ...parts));
    } catch (error) {
      if (error instanceof FilesLeft) throw new Refused(`the backup is gone, but ${error.message}`);
      throw error;
    }
  }

  async sweep(release: ReleaseAddress): Promise<void> {
    const parts = releaseParts(release);
    await assertNoLink(this.#inner(parts));
    await removeAbandoned(join(this.#root, ...parts), Date.now());
  }

  async condition(): Promise<ClaimCondition> {
    await readdir(this.#root);
    const [unwritable, room, leftovers] = await Promise.all([
      whatKeepsFromWriting(this.#root),
      roomIn(this.#root),
      leftoversIn(this.#root, HERE),
    ]);
    return { unwritable, room, leftovers };
  }

  /** Files beside the backups of a release. */
  beside(release: ReleaseAddress): FolderReleaseFiles {
    return new FolderReleaseFiles(this.#inner(releaseParts(release)));
  }

  #inner(parts: readonly string[]): InnerFolder {
    return { root: this.#root, location: HERE, parts };
  }
}

/** @returns undefined where it was removed meanwhile. */
async function listed({ address, path, location, damage }: StoreFolder): Promise<ToldBackup | undefined> {
  if (damage !== undefined) return { address, damage };
  const files = new FolderFiles(path, location);
  try {
    const paths = await files.paths();
    const told = await Promise.all(
      paths.map(async (name): Promise<[string, ToldFile]> => [name, await toldFile(files, name)]),
    );
    if (told.length === 0 && (await isGone(path))) return undefined;
    return { address, files: new Map(told) };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return (await isGone(path)) ? undefined : { address, damage: error.message };
  }
}

async function toldFile(files: StoredFiles, path: string): Promise<ToldFile> {
  return READ_BY_LISTINGS.has(path) ? toldContent(files, path, MAX_LISTED_BYTES) : toldSize(files, path);
}

async function toldSize(files: StoredFiles, path: string): Promise<ToldFile> {
  return orDamage(async () => ({ size: await files.size(path) }));
}

async function toldContent(files: StoredFiles, path: string, maximum: number): Promise<ToldFile> {
  return orDamage(async () => ({ content: await files.read(path, maximum) }));
}

async function orDamage(tell: () => Promise<ToldFile>): Promise<ToldFile> {
  try {
    return await tell();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { error };
  }
}
