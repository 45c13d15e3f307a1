import { type FileHandle, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapLimited } from '../../errors/map-limited.ts';
import { makeFolder, openPrivateFile, syncHandle, syncPath } from '../durable-file.ts';
import { makeFolderAtOnce, syncFolderAtOnce, writePrivateFileAtOnce } from '../durable-file-at-once.ts';

/** Enough for one journal write in practice, far from any limit on open files. */
const AT_ONCE = 64;

/** Bytes of a file that is written without giving way: some tenths of a millisecond. */
const MAX_AT_ONCE = 256 * 1024;

/** The hidden folder itself, among the folders within. */
const TOP = '.';

type WrittenFile = Pick<FileHandle, 'sync' | 'close'>;

interface FileToWrite {
  path: string;
  content: string | Uint8Array;
}

/** The files of a backup under way, in its hidden folder. Files may be written at once. */
export class PartialFiles {
  readonly folder: string;
  readonly #atOnce: boolean;
  /** Folder within → its mkdir, so that files written at once wait for the same one. */
  readonly #folders = new Map<string, Promise<unknown>>();
  /** Of every file that was asked for, and of all that were asked for together. */
  readonly #writes: Promise<void>[] = [];
  /** Written, and still open for its sync. */
  #written: WrittenFile[] = [];
  readonly #syncs: Promise<unknown>[] = [];
  /** Folders within that got a name since they were synced last. */
  readonly #changed = new Set<string>();

  /** @param atOnce write small files without giving way: on a local disk alone. Syncs give way in any case. */
  constructor(folder: string, { atOnce = false }: { atOnce?: boolean } = {}) {
    this.folder = folder;
    this.#atOnce = atOnce;
  }

  /** Writes several, and begins to sync them and their folders: what is written meanwhile need not wait for that. @throws what failed first. */
  writeAll(files: readonly FileToWrite[]): Promise<void> {
    return this.#known(this.#writeAll(files));
  }

  async #writeAll(files: readonly FileToWrite[]): Promise<void> {
    await mapLimited(files, AT_ONCE, ({ path, content }) => this.write(path, content, { replace: false }));
    this.#syncWritten();
    this.#syncFolders(this.#takeChanged());
  }

  write(path: string, content: string | Uint8Array, { replace }: { replace: boolean }): Promise<void> {
    return this.#known(this.#write(path, content, replace));
  }

  #known(written: Promise<void>): Promise<void> {
    written.catch(() => {});
    this.#writes.push(written);
    return written;
  }

  async #write(path: string, content: string | Uint8Array, replace: boolean): Promise<void> {
    if (this.#atOnce) this.#makeFolderAtOnce(dirname(path));
    else await this.#makeFolder(dirname(path));
    const isSmall = Buffer.byteLength(content) <= MAX_AT_ONCE;
    const write = this.#atOnce && isSmall ? writePrivateFileAtOnce : writeOpen;
    this.#written.push(await write(join(this.folder, path), content, { replace }));
    this.#changed.add(dirname(path));
    if (this.#written.length >= AT_ONCE) this.#syncWritten();
  }

  /** Many at once: the file system then writes its journal once instead of once a file. */
  #syncWritten(): void {
    for (const handle of this.#written.splice(0)) {
      const synced = syncHandle(handle).finally(() => handle.close());
      synced.catch(() => {});
      this.#syncs.push(synced);
    }
  }

  /** Those within; of the hidden folder itself the last file of all is awaited. */
  #takeChanged(): string[] {
    const changed = [...this.#changed].filter((folder) => folder !== TOP);
    this.#changed.clear();
    return changed;
  }

  /** Beside the files in them: the backup gets its name when all of it is synced, in whatever order. */
  #syncFolders(folders: readonly string[]): void {
    const sync = this.#atOnce ? syncFolderAtOnce : syncPath;
    const synced = mapLimited(folders, AT_ONCE, (path) => sync(join(this.folder, path)));
    synced.catch(() => {});
    this.#syncs.push(synced);
  }

  /** Waits until everything written would survive a power cut. @throws what failed first. */
  async sync(): Promise<void> {
    await Promise.all(this.#writes);
    this.#syncWritten();
    this.#syncFolders([TOP, ...this.#takeChanged()]);
    await Promise.all(this.#syncs);
  }

  /** Never throws: on a disk that fails here too, a hidden folder stays, which a later backup removes. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await Promise.allSettled([...this.#syncs, ...this.#written.splice(0).map((handle) => handle.close())]);
    await rm(this.folder, { recursive: true, force: true }).catch(() => {});
  }

  #makeFolder(folder: string): Promise<unknown> {
    if (folder === TOP) return Promise.resolve();
    let made = this.#folders.get(folder);
    if (made === undefined) {
      made = this.#makeFolder(dirname(folder)).then(async () => {
        await makeFolder(join(this.folder, folder));
        this.#changed.add(dirname(folder));
      });
      this.#folders.set(folder, made);
    }
    return made;
  }

  #makeFolderAtOnce(folder: string): void {
    if (folder === TOP || this.#folders.has(folder)) return;
    this.#makeFolderAtOnce(dirname(folder));
    makeFolderAtOnce(join(this.folder, folder));
    this.#changed.add(dirname(folder));
    this.#folders.set(folder, Promise.resolve());
  }
}

async function writeOpen(
  path: string,
  content: string | Uint8Array,
  { replace }: { replace: boolean },
): Promise<WrittenFile> {
  const handle = await openPrivateFile(path, { replace });
  try {
    await handle.writeFile(content);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
