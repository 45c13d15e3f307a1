import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { ListedJournal } from '../../model/records/journal.ts';
import { listCommand, storeFlags } from '../advice.ts';
import { errnoOf } from '../errno.ts';
import { openBackup } from '../format/backup-reader.ts';
import { DamagedBackup } from '../format/damage.ts';
import { addressParts, releaseParts } from '../format/layout.ts';
import { prepareBackup } from '../format/prepare-backup.ts';
import { openJournalFile, readJournals, removeJournalFile } from '../journal/journal-file.ts';
import type { ReleaseFiles } from '../release-files.ts';
import type {
  BackupAddress,
  BackupContent,
  BackupReader,
  BegunSave,
  ExposedFolder,
  JournalStore,
  JournalWriter,
  ListedBackup,
  ListOptions,
  ReleaseAddress,
  SavedBackup,
  StoreCondition,
} from '../store.ts';
import { readError, writeError } from '../store-error.ts';
import { ToldReleaseFiles } from '../told-release-files.ts';
import { exposedOnTheWay } from './folder-access.ts';
import { folderCondition } from './folder-condition.ts';
import { FolderFiles } from './folder-files.ts';
import { FolderReleaseFiles } from './folder-release-files.ts';
import { assertNoLink, ensureInnerFolder, type InnerFolder } from './inner-folder.ts';
import { listBackups } from './list-backups.ts';
import { isOnLocalDisk } from './local-disk.ts';
import { PartialFiles } from './partial-files.ts';
import { makePartialFolder, removeAbandoned } from './partial-folder.ts';
import { removeFromFolder } from './remove-backup.ts';
import { FolderSave } from './save-backup.ts';

/** Backups in a folder of this machine: a disk, a mounted volume, a network share. */
export class FolderStore implements JournalStore {
  readonly location: string;
  readonly flags: readonly string[];
  readonly #root: string;
  #local: Promise<boolean> | undefined;

  /** @param flags as {@link StoreName.flag}. */
  constructor(location: string, flags: readonly string[] = storeFlags(location)) {
    this.location = location;
    this.flags = flags;
    this.#root = resolve(location);
  }

  async save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    const backup = prepareBackup(address, content);
    return this.#begin(address).finish(backup, signal);
  }

  async begin(address: BackupAddress): Promise<BegunSave | undefined> {
    return this.#begin(address);
  }

  #begin(address: BackupAddress): FolderSave {
    const [cluster, namespace, release, id] = addressParts(address);
    const makePlace = async () => {
      // Known once a backup was saved by this command: of the first one the store may be missing.
      const isKnownLocal = (await this.#local) === true;
      const inner = this.#inner([cluster, namespace, release]);
      const parent = await ensureInnerFolder(inner, { atOnce: isKnownLocal });
      await removeAbandoned(parent, Date.now());
      const [folder, atOnce] = await Promise.all([makePartialFolder(parent, id), this.#isLocal()]);
      return { parent, files: new PartialFiles(folder, { atOnce }) };
    };
    const shownParent = join(this.location, cluster, namespace, release);
    return new FolderSave({ store: this, shownParent, address }, makePlace());
  }

  list(filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> {
    return listBackups(this.#root, this, filter, options);
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    const parts = addressParts(address);
    const folder = join(this.#root, ...parts);
    const location = join(this.location, ...parts);
    try {
      await stat(this.#root);
      await assertNoLink(this.#inner(parts.slice(0, -1)));
    } catch (error) {
      throw readError(error, this);
    }
    await this.#assertFolder(folder, location, address);
    const { release, namespace } = address;
    const next = advice`choose another one: ${listCommand(this, release, namespace)}`;
    return openBackup({ files: new FolderFiles(folder, location), location, store: this, next }, address);
  }

  async remove(address: BackupAddress): Promise<void> {
    const parts = addressParts(address);
    try {
      await assertNoLink(this.#inner(parts.slice(0, -1)));
    } catch (error) {
      throw readError(error, this);
    }
    const folder = { path: join(this.#root, ...parts), location: join(this.location, ...parts) };
    await removeFromFolder(folder, this.location);
  }

  async sweep(release: ReleaseAddress): Promise<void> {
    const parts = partsOf(release);
    try {
      await assertNoLink(this.#inner(parts));
    } catch {
      return;
    }
    await removeAbandoned(join(this.#root, ...parts), Date.now());
  }

  async condition(): Promise<StoreCondition> {
    try {
      return await folderCondition(this.#root, this.location);
    } catch (error) {
      throw readError(error, this);
    }
  }

  async openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter> {
    try {
      const folder = await ensureInnerFolder(this.#inner(partsOf(release)));
      return await openJournalFile(folder, id, this.location);
    } catch (error) {
      throw writeError(error, this.location);
    }
  }

  async journals(release: ReleaseAddress): Promise<ListedJournal[]> {
    const parts = partsOf(release);
    try {
      await assertNoLink(this.#inner(parts));
      return await readJournals(join(this.#root, ...parts), release);
    } catch (error) {
      throw readError(error, this);
    }
  }

  async removeJournal(release: ReleaseAddress, id: string): Promise<void> {
    const parts = partsOf(release);
    try {
      await assertNoLink(this.#inner(parts));
      await removeJournalFile(join(this.#root, ...parts), id);
    } catch (error) {
      throw writeError(error, this.location);
    }
  }

  exposed(release: ReleaseAddress): Promise<ExposedFolder[]> {
    return exposedOnTheWay(this.#root, this.location, partsOf(release));
  }

  releaseFiles(release: ReleaseAddress): ReleaseFiles {
    return new ToldReleaseFiles(new FolderReleaseFiles(this.#inner(partsOf(release))), {
      reading: (error) => readError(error, this),
      writing: (error) => writeError(error, this.location),
    });
  }

  /** Asked once the folder is there. */
  #isLocal(): Promise<boolean> {
    this.#local ??= isOnLocalDisk(this.#root);
    return this.#local;
  }

  #inner(parts: readonly string[]): InnerFolder {
    return { root: this.#root, location: this.location, parts };
  }

  async #assertFolder(
    folder: string,
    location: string,
    { release, namespace }: BackupAddress,
  ): Promise<void> {
    const next = listCommand(this, release, namespace);
    try {
      // A symbolic link is refused as `list` does: it may lead anywhere.
      if ((await lstat(folder)).isDirectory()) return;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw readError(error, this);
      throw new ToolError(`there is no backup ${location}`, { next });
    }
    throw new DamagedBackup(location, 'it is not a folder', next);
  }
}

/** Also where there is more in it: an id. */
function partsOf({ cluster, namespace, release }: ReleaseAddress): [string, string, string] {
  return releaseParts({ cluster, namespace, release });
}
