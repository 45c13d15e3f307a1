import { ToolError } from '../errors/tool-error.ts';
import type { BackupDocument, FileEntry } from '../model/backup.ts';
import { listCommand, storeOf } from './advice.ts';
import { NewerFormat, readDocument } from './backup-document.ts';
import { Damage } from './damage.ts';
import { sha256 } from './digest.ts';
import { checkBackupDocument } from './document-schema.ts';
import { DOCUMENT, MAX_FILE_BYTES } from './layout.ts';
import { readInner } from './safe-read.ts';
import type { BackupAddress, BackupReader } from './store.ts';

/** Reads one backup; every file is checked against backup.json, which was checked when it was opened. */
export class FolderReader implements BackupReader {
  readonly address: BackupAddress;
  readonly location: string;
  readonly document: BackupDocument;
  readonly #folder: string;
  readonly #files: Map<string, FileEntry>;

  private constructor(folder: string, location: string, address: BackupAddress, document: BackupDocument) {
    this.#folder = folder;
    this.location = location;
    this.address = address;
    this.document = document;
    this.#files = new Map(document.files.map((file) => [file.path, file]));
  }

  /** @throws ToolError where the backup is damaged or of a newer format. */
  static async open(folder: string, location: string, address: BackupAddress): Promise<FolderReader> {
    return orToolError(location, address, async () => {
      const document = await readDocument(folder, address);
      const wrong = await checkBackupDocument(document);
      if (wrong !== undefined) throw new Damage(`${DOCUMENT}: ${wrong}`);
      return new FolderReader(folder, location, address, document);
    });
  }

  read(path: string): Promise<Buffer> {
    return orToolError(this.location, this.address, async () => {
      const file = this.#files.get(path);
      if (file === undefined) throw new Damage(`${DOCUMENT} names no file ${path}`);
      const content = await readInner(this.#folder, path, MAX_FILE_BYTES);
      if (content.length !== file.size) {
        throw new Damage(`${path} has ${content.length} bytes, ${DOCUMENT} says ${file.size}`);
      }
      if (sha256(content) !== file.sha256)
        throw new Damage(`the sha256 of ${path} is not the one in ${DOCUMENT}`);
      return content;
    });
  }
}

async function orToolError<T>(location: string, address: BackupAddress, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof NewerFormat) {
      throw new ToolError(`can't read the backup ${location}: ${error.message}`, {
        next: 'use the version of memcached-backup that wrote it, or a later one',
      });
    }
    if (!(error instanceof Damage)) throw error;
    throw new ToolError(`the backup ${location} is damaged: ${error.message}`, {
      next: `choose another one: ${listCommand(storeOf(location), address.release, address.namespace)}`,
    });
  }
}
