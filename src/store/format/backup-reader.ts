import type { Advice } from '../../advice/advice.ts';
import { ToolError } from '../../errors/tool-error.ts';
import type { BackupDocument, FileEntry, VerificationDocument } from '../../model/records/backup-format.ts';
import type { StoreName } from '../advice.ts';
import type { BackupAddress, BackupReader, Irregularity, VerificationNote } from '../store.ts';
import { addressOf, NewerFormat, type ReadDocument, readDocument } from './backup-document.ts';
import { Damage, DamagedBackup } from './damage.ts';
import { checksumLine, sha256 } from './digest.ts';
import { checkBackupDocument } from './document-schema.ts';
import { CHECKSUM, DOCUMENT, MAX_FILE_BYTES, RESERVED, VERIFIED } from './layout.ts';
import { SealedBackup } from './sealed-backup.ts';
import { readSignature } from './signature-file.ts';
import type { StoredFiles } from './stored-files.ts';
import { brokenVerification, readVerification, verificationText } from './verification.ts';

/** A backup's files, and how to speak of it. */
export interface StoredBackup {
  files: StoredFiles;
  /** As the user would write it. */
  location: string;
  /** Absent for one that lies anywhere. */
  store?: StoreName;
  /** What to do where the backup is damaged. */
  next: Advice;
  /** As {@link BackupReader.operand}; absent: its location. */
  operand?: readonly string[];
}

/**
 * Opens a backup: its document is read and checked.
 * @param expected its address in a store; the name of its folder where that lies anywhere.
 * @throws DamagedBackup; ToolError where it is of a newer format; UnreachableError.
 */
export function openBackup(
  stored: StoredBackup,
  expected: BackupAddress | { folder: string },
): Promise<BackupReader> {
  return orToolError(stored, async () => {
    const read = await readDocument(stored.files, expected);
    const wrong = await checkBackupDocument(read.document);
    if (wrong !== undefined) throw new Damage(`${DOCUMENT}: ${wrong}`);
    return new CheckedReader(stored, read);
  });
}

/** Every file is checked against backup.json, which was checked when it was opened. */
class CheckedReader implements BackupReader {
  readonly address: BackupAddress;
  readonly location: string;
  readonly document: BackupDocument;
  readonly digest: string;
  readonly documentBytes: Buffer;
  readonly operand: readonly string[];
  readonly store?: StoreName;
  readonly #stored: StoredBackup;
  readonly #files: Map<string, FileEntry>;

  constructor(stored: StoredBackup, { document, bytes, sha256: digest }: ReadDocument) {
    this.#stored = stored;
    this.digest = digest;
    this.documentBytes = bytes;
    this.location = stored.location;
    this.operand = stored.operand ?? [stored.location];
    if (stored.store !== undefined) this.store = stored.store;
    this.address = addressOf(document);
    this.document = document;
    this.#files = new Map(document.files.map((file) => [file.path, file]));
  }

  read(path: string): Promise<Buffer> {
    return orToolError(this.#stored, async () => {
      const file = this.#files.get(path);
      if (file === undefined) throw new Damage(`${DOCUMENT} names no file ${path}`);
      const content = await this.#stored.files.read(path, MAX_FILE_BYTES, file.size);
      if (sha256(content) !== file.sha256)
        throw new Damage(`the sha256 of ${path} is not the one in ${DOCUMENT}`);
      return content;
    });
  }

  async unsealed(): Promise<BackupReader> {
    const { sealed } = this.document;
    if (sealed === undefined) return this;
    // Keys are the business of the layer above (store/seal).
    throw new SealedBackup(this.location, sealed);
  }

  signature(): Promise<string | undefined> {
    return orToolError(this.#stored, () => readSignature(this.#stored.files));
  }

  irregularities(): Promise<Irregularity[]> {
    const { files } = this.#stored;
    return orToolError(this.#stored, async () => {
      const found = (await this.#strangers()).map((path) => ({ path, why: `${DOCUMENT} does not name it` }));
      const checksum = await files.read(CHECKSUM, MAX_FILE_BYTES);
      if (checksum.toString('latin1') !== checksumLine(this.digest, DOCUMENT)) {
        found.push({ path: CHECKSUM, why: 'it is not, byte for byte, the line that was written' });
      }
      const broken = await brokenVerification(files);
      if (broken !== undefined) found.push({ path: VERIFIED, why: broken });
      return found;
    });
  }

  verification(): Promise<VerificationDocument | undefined> {
    return readVerification(this.#stored.files, this.digest);
  }

  noteVerification(note: VerificationNote | undefined): Promise<void> {
    const text = note === undefined ? undefined : verificationText(this.digest, note);
    return this.#stored.files.replaceVerification(text);
  }

  /** Files, links and the like that are none of the backup's; empty folders hold nothing to object to. */
  async #strangers(): Promise<string[]> {
    const paths = await this.#stored.files.paths();
    return paths.filter((path) => !this.#files.has(path) && !RESERVED.has(path));
  }
}

async function orToolError<T>({ location, next }: StoredBackup, step: () => Promise<T>): Promise<T> {
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
