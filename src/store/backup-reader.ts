import { basename } from 'node:path';
import { ToolError } from '../errors/tool-error.ts';
import type { BackupDocument, FileEntry, VerificationDocument } from '../model/records/backup-format.ts';
import { listCommandLine, type StoreName, shellWord, verifyCommandLine } from './advice.ts';
import { addressOf, NewerFormat, readDocument } from './backup-document.ts';
import { Damage, DamagedBackup } from './damage.ts';
import { checksumLine, sha256 } from './digest.ts';
import { checkBackupDocument } from './document-schema.ts';
import { CHECKSUM, DOCUMENT, MAX_FILE_BYTES, RESERVED, VERIFIED } from './layout.ts';
import { readInner } from './safe-read.ts';
import type { BackupAddress, BackupReader, Irregularity, VerificationNote } from './store.ts';
import { writeError } from './store-error.ts';
import {
  brokenVerification,
  isTemporaryVerification,
  readVerification,
  removeVerification,
  writeVerification,
} from './verified-file.ts';
import { walkFolder } from './walk-folder.ts';

/** Where a backup's folder is, and how the user would write that. */
interface FolderLocation {
  folder: string;
  location: string;
  /** Absent for a folder anywhere. */
  store?: StoreName;
  /** What to do where the backup is damaged. */
  next: string;
}

/** Reads one backup; every file is checked against backup.json, which was checked when it was opened. */
export class FolderReader implements BackupReader {
  readonly address: BackupAddress;
  readonly location: string;
  readonly document: BackupDocument;
  readonly digest: string;
  readonly operand: string;
  readonly store?: StoreName;
  readonly #at: FolderLocation;
  readonly #files: Map<string, FileEntry>;

  private constructor(at: FolderLocation, document: BackupDocument, digest: string) {
    this.#at = at;
    this.digest = digest;
    this.location = at.location;
    this.operand = shellWord(at.location);
    if (at.store !== undefined) this.store = at.store;
    this.address = addressOf(document);
    this.document = document;
    this.#files = new Map(document.files.map((file) => [file.path, file]));
  }

  /**
   * Opens the backup in a folder of a store.
   * @throws DamagedBackup; ToolError where it is of a newer format.
   */
  static open(at: Omit<Required<FolderLocation>, 'next'>, address: BackupAddress): Promise<FolderReader> {
    const { release, namespace } = address;
    const next = `choose another one: ${listCommandLine(at.store, release, namespace)}`;
    return FolderReader.#open({ ...at, next }, address);
  }

  /** The same for a folder anywhere: a copy, or a backup unpacked from an archive. */
  static openAnywhere(folder: string, location: string): Promise<FolderReader> {
    const next = `see all that is wrong with it: ${verifyCommandLine(shellWord(location))}`;
    return FolderReader.#open({ folder, location, next }, { folder: basename(folder) });
  }

  static #open(at: FolderLocation, expected: BackupAddress | { folder: string }): Promise<FolderReader> {
    return orToolError(at, async () => {
      const { document, sha256: digest } = await readDocument(at.folder, expected);
      const wrong = await checkBackupDocument(document);
      if (wrong !== undefined) throw new Damage(`${DOCUMENT}: ${wrong}`);
      return new FolderReader(at, document, digest);
    });
  }

  read(path: string): Promise<Buffer> {
    return orToolError(this.#at, async () => {
      const file = this.#files.get(path);
      if (file === undefined) throw new Damage(`${DOCUMENT} names no file ${path}`);
      const content = await readInner(this.#at.folder, path, MAX_FILE_BYTES, file.size);
      if (sha256(content) !== file.sha256)
        throw new Damage(`the sha256 of ${path} is not the one in ${DOCUMENT}`);
      return content;
    });
  }

  irregularities(): Promise<Irregularity[]> {
    const { folder } = this.#at;
    return orToolError(this.#at, async () => {
      const found = (await this.#strangers()).map((path) => ({ path, why: `${DOCUMENT} does not name it` }));
      const checksum = await readInner(folder, CHECKSUM, MAX_FILE_BYTES);
      if (checksum.toString('latin1') !== checksumLine(this.digest, DOCUMENT)) {
        found.push({ path: CHECKSUM, why: 'it is not, byte for byte, the line that was written' });
      }
      const broken = await brokenVerification(folder);
      if (broken !== undefined) found.push({ path: VERIFIED, why: broken });
      return found;
    });
  }

  verification(): Promise<VerificationDocument | undefined> {
    return readVerification(this.#at.folder, this.digest);
  }

  async noteVerification(note: VerificationNote | undefined): Promise<void> {
    const { folder } = this.#at;
    try {
      await (note === undefined ? removeVerification(folder) : writeVerification(folder, this.digest, note));
    } catch (error) {
      throw writeError(error, this.location);
    }
  }

  /** Files, links and the like that are none of the backup's; empty folders hold nothing to object to. */
  async #strangers(): Promise<string[]> {
    const paths = await walkFolder(this.#at.folder);
    return paths.filter(
      (path) => !this.#files.has(path) && !RESERVED.has(path) && !isTemporaryVerification(path),
    );
  }
}

async function orToolError<T>({ location, next }: FolderLocation, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof NewerFormat) {
      throw new ToolError(`can't read the backup ${location}: ${error.message}`, {
        next: 'use the version of memcached-backup that wrote it, or a later one',
      });
    }
    if (!(error instanceof Damage)) throw error;
    throw new DamagedBackup(location, error.message, next);
  }
}
