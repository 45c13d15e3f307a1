import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../errors/tool-error.ts';
import type { BackupDocument, FileEntry } from '../model/backup.ts';
import { nextId } from '../model/backup-id.ts';
import { checksumLine, sha256 } from './digest.ts';
import { makeFolder, syncFolder, writeFileDurably } from './durable-file.ts';
import { errnoOf } from './errno.ts';
import { CHECKSUM, DOCUMENT, isInnerPath, MAX_FILE_BYTES } from './layout.ts';
import type { BackupAddress, BackupWriter } from './store.ts';
import { reasonOf, writeError } from './store-error.ts';

export interface FolderWriterOptions {
  /** The store as the user named it. */
  location: string;
  /** The release's folder, as the user would write it, for the location of the finished backup. */
  shownParent: string;
  /** <store>/<cluster>/<namespace>/<release>, which exists. */
  parent: string;
  /** The hidden folder in `parent` that becomes the backup. */
  partial: string;
  address: BackupAddress;
}

/** Writes one backup into a hidden folder; `commit` gives it its name. docs/format.md has the protocol. */
export class FolderWriter implements BackupWriter {
  readonly #options: FolderWriterOptions;
  readonly #files = new Map<string, FileEntry>();
  /** Folder → made, so that files written at once wait for one mkdir. */
  readonly #folders = new Map<string, Promise<unknown>>();
  /** Writes and syncs under way; a failed one fails `commit`. */
  readonly #jobs: Promise<unknown>[] = [];
  #committed: Promise<BackupAddress & { location: string }> | undefined;
  #removed: Promise<void> | undefined;

  constructor(options: FolderWriterOptions) {
    this.#options = options;
  }

  write(path: string, content: string | Uint8Array): Promise<void> {
    return this.#orAbort(async () => {
      if (!isInnerPath(path)) throw new Error(`"${path}" can not be a file of a backup`);
      if (this.#files.has(path)) throw new Error(`"${path}" was written before`);
      const size = Buffer.byteLength(content);
      if (size > MAX_FILE_BYTES) throw new ToolError(`${path} is too large for a backup (${size} bytes)`);
      this.#files.set(path, { path, size, sha256: sha256(content) });
      await this.#track(this.#writeInner(path, content, { replace: false }));
    });
  }

  files(): FileEntry[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  commit(document: BackupDocument): Promise<BackupAddress & { location: string }> {
    this.#committed = this.#orAbort(() => this.#commit(document));
    return this.#committed;
  }

  async abort(): Promise<void> {
    // A commit under way is not torn down: it ends with a whole backup or with nothing.
    const committed = await this.#committed?.catch(() => undefined);
    if (committed === undefined) await this.#removeOnce();
  }

  async #commit(document: BackupDocument): Promise<BackupAddress & { location: string }> {
    const { address, parent, partial, shownParent } = this.#options;
    assertSameAddress(document, address);
    await this.#settle();
    await Promise.all([...this.#folders.keys()].map((folder) => syncFolder(join(partial, folder))));
    let { id } = address;
    while (true) {
      await this.#writeDocument({ ...document, id, files: this.files() });
      if (await renameUnlessTaken(partial, join(parent, id))) break;
      id = nextId(id);
    }
    const location = join(shownParent, id);
    await syncFolder(parent).catch((error: unknown) => {
      throw new ToolError(
        `the backup ${location} is whole, but may not survive a power cut: ${reasonOf(error)}`,
        {
          next: `check the disk, then take another backup: kubectl memcached-backup backup ${address.release}`,
          cause: error,
        },
      );
    });
    return { ...address, id, location };
  }

  /** Runs one step; where it fails, nothing of the backup is left and the error says so. */
  async #orAbort<T>(step: () => Promise<T>): Promise<T> {
    if (this.#removed !== undefined) throw new Error('this backup was aborted');
    try {
      return await step();
    } catch (error) {
      await this.#removeOnce();
      throw writeError(error, this.#options.location);
    }
  }

  async #writeInner(path: string, content: string | Uint8Array, how: { replace: boolean }): Promise<void> {
    await this.#makeFolderOf(path);
    const { synced } = await writeFileDurably(join(this.#options.partial, path), content, how);
    void this.#track(synced).catch(() => {});
  }

  async #makeFolderOf(path: string): Promise<void> {
    const folder = dirname(path);
    let made = this.#folders.get(folder);
    if (made === undefined) {
      made =
        folder === '.'
          ? Promise.resolve()
          : this.#makeFolderOf(folder).then(() => makeFolder(join(this.#options.partial, folder)));
      this.#folders.set(folder, made);
    }
    await made;
  }

  /** backup.json, and only when it is on the disk, its digest: the digest's presence says "whole". */
  async #writeDocument(document: BackupDocument): Promise<void> {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    await this.#writeInner(DOCUMENT, text, { replace: true });
    await this.#settle();
    await this.#writeInner(CHECKSUM, checksumLine(sha256(text), DOCUMENT), { replace: true });
    await this.#settle();
    await syncFolder(this.#options.partial);
  }

  #track<T>(job: Promise<T>): Promise<T> {
    this.#jobs.push(job);
    return job;
  }

  /** Waits for everything under way. @throws the first error among them. */
  async #settle(): Promise<void> {
    for (const jobs = this.#jobs; jobs.length > 0; ) await Promise.all(jobs.splice(0));
  }

  #removeOnce(): Promise<void> {
    this.#removed ??= this.#remove();
    return this.#removed;
  }

  async #remove(): Promise<void> {
    await Promise.allSettled(this.#jobs);
    // A disk that fails here too leaves a hidden folder, which is never listed and which a later backup removes.
    await rm(this.#options.partial, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * rename(2) replaces an empty folder only, and a backup is never empty: of two writers with the same id one
 * gets it and the other sees that it is taken.
 */
async function renameUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

/** A reader refuses a backup whose document names another place, so a writer must not make one. */
function assertSameAddress(document: BackupDocument, address: BackupAddress): void {
  const { cluster, namespace, release } = address;
  if (
    document.cluster.name !== cluster ||
    document.namespace.name !== namespace ||
    document.release !== release
  ) {
    throw new Error(`backup.json is not of ${cluster}/${namespace}/${release}`);
  }
}
