import { join } from 'node:path';
import { ToolError } from '../errors/tool-error.ts';
import type { BackupDocument, FileEntry } from '../model/records/backup-format.ts';
import { nextId } from '../model/records/backup-id.ts';
import type { StoreName } from './advice.ts';
import { checksumLine, sha256 } from './digest.ts';
import { NotDurable, renameDurably } from './durable-file.ts';
import { errnoOf } from './errno.ts';
import { CHECKSUM, DOCUMENT, isInnerPath, MAX_DOCUMENT_BYTES, MAX_FILE_BYTES } from './layout.ts';
import { PartialFiles } from './partial-files.ts';
import type { BackupAddress, BackupWriter, CommittedBackup } from './store.ts';
import { reasonOf, writeError } from './store-error.ts';

export interface FolderWriterOptions {
  store: StoreName;
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
  readonly #partial: PartialFiles;
  readonly #files = new Map<string, FileEntry>();
  #committed: Promise<CommittedBackup> | undefined;
  #removed: Promise<void> | undefined;

  constructor(options: FolderWriterOptions) {
    this.#options = options;
    this.#partial = new PartialFiles(options.partial);
  }

  write(path: string, content: string | Uint8Array): Promise<void> {
    return this.#orRemove(async () => {
      if (!isInnerPath(path)) throw new Error(`"${path}" can not be a file of a backup`);
      if (this.#files.has(path)) throw new Error(`"${path}" was written before`);
      const size = Buffer.byteLength(content);
      if (size > MAX_FILE_BYTES) throw new ToolError(`${path} is too large for a backup (${size} bytes)`);
      this.#files.set(path, { path, size, sha256: sha256(content) });
      await this.#partial.write(path, content, { replace: false });
    });
  }

  files(): FileEntry[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  commit(document: BackupDocument): Promise<CommittedBackup> {
    this.#committed = this.#orRemove(() => this.#commit(document));
    return this.#committed;
  }

  async abort(): Promise<void> {
    // A commit under way is not torn down: it ends with a whole backup or with nothing.
    const committed = await this.#committed?.catch(() => undefined);
    if (committed === undefined) await this.#remove();
  }

  async #commit(document: BackupDocument): Promise<CommittedBackup> {
    const { address, parent, partial, shownParent } = this.#options;
    assertSameAddress(document, address);
    let { id } = address;
    let digest: string;
    while (true) {
      digest = await this.#writeDocument({ ...document, id, files: this.files() });
      await this.#partial.sync();
      try {
        if (await renameUnlessTaken(partial, join(parent, id))) break;
      } catch (error) {
        throw error instanceof NotDurable ? this.#notDurable(error, join(shownParent, id)) : error;
      }
      id = nextId(id);
    }
    const location = join(shownParent, id);
    return { ...address, id, location, digest };
  }

  /**
   * backup.json, and after it its digest: where the digest is, everything else was written.
   * @returns the digest.
   */
  async #writeDocument(document: BackupDocument): Promise<string> {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
      throw new ToolError(`${DOCUMENT} would be too large (${document.files.length} files)`);
    }
    await this.#partial.write(DOCUMENT, text, { replace: true });
    const digest = sha256(text);
    await this.#partial.write(CHECKSUM, checksumLine(digest, DOCUMENT), { replace: true });
    return digest;
  }

  #notDurable(cause: NotDurable, location: string): ToolError {
    const { address, store } = this.#options;
    const { release, namespace } = address;
    return new ToolError(
      `the backup ${location} is whole, but may not survive a power cut: ${reasonOf(cause)}`,
      {
        next: `check the disk, then take another backup: kubectl memcached-backup backup ${release} -n ${namespace}${store.flag}`,
        cause,
      },
    );
  }

  /** Runs one step; where it fails, nothing of the backup is left and the error says so. */
  async #orRemove<T>(step: () => Promise<T>): Promise<T> {
    if (this.#removed !== undefined) throw new Error('this backup was aborted');
    try {
      return await step();
    } catch (error) {
      await this.#remove();
      throw writeError(error, this.#options.store.location);
    }
  }

  #remove(): Promise<void> {
    this.#removed ??= this.#partial.remove();
    return this.#removed;
  }
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
