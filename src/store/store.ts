import type { BackupDocument, FileEntry, VerificationDocument } from '../model/records/backup-format.ts';
import type { JournalEntry, ListedJournal } from '../model/records/journal.ts';
import type { StoreName } from './advice.ts';

/** A folder of the store in which others than this user may change what lies there. */
export interface ExposedFolder {
  location: string;
  /** One clause: "its mode 0777 lets everybody write". */
  why: string;
}

/** Where one backup lies in a store. */
export interface BackupAddress {
  cluster: string;
  namespace: string;
  release: string;
  id: string;
}

/** Where the backups of one release lie. */
export type ReleaseAddress = Omit<BackupAddress, 'id'>;

/** A journal being written: each line is on the disk before `append` returns. */
export interface JournalWriter {
  readonly location: string;
  append(entry: JournalEntry): Promise<void>;
}

/** A backup as `list` sees it: its document, or why it can't be read. Damaged ones are never hidden. */
export interface ListedBackup {
  address: BackupAddress;
  /** A location to show and to open: the folder's path. */
  location: string;
  document?: BackupDocument;
  /** What is wrong with it, in one sentence; absent where backup.json matches its digest and the sizes fit. */
  damage?: string;
  /** What the last successful `verify` of it noted; absent where there was none. */
  verification?: VerificationDocument;
}

/** Something in a backup's folder that is not as the backup was written. */
export interface Irregularity {
  /** Relative to the backup's folder. */
  path: string;
  /** One clause: "backup.json does not name it". */
  why: string;
}

/** What `verify` has to say; the store adds the rest of verified.json. */
export type VerificationNote = Pick<VerificationDocument, 'at' | 'tool' | 'passed' | 'unchecked'>;

/** A backup that has its name. */
export interface CommittedBackup extends BackupAddress {
  location: string;
  /** sha256 of its backup.json. */
  digest: string;
}

/** A folder of files under way. Nothing of it can be mistaken for a backup until `commit`. */
export interface BackupWriter {
  /** Writes one file (0600, synced) and records its size and digest. `path` is relative, with "/". */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** What `write` recorded so far, ordered by path. */
  files(): FileEntry[];
  /**
   * Writes backup.json and, last, backup.json.sha256, syncs, and renames the folder to its final name.
   * The id gets a suffix where it is taken; the document's `id` is set to match.
   */
  commit(document: BackupDocument): Promise<CommittedBackup>;
  /** Removes what was written. Never throws. */
  abort(): Promise<void>;
}

/** A backup opened for reading. Every read is checked against the recorded size and digest. */
export interface BackupReader {
  address: BackupAddress;
  location: string;
  /** Names this very backup on a command line, as a shell's words: after `show`, or `verify`. */
  operand: string;
  /** The store that it was found in; absent where it was opened by its path, which may lie anywhere. */
  store?: StoreName;
  document: BackupDocument;
  /** sha256 of its backup.json. */
  digest: string;
  /** @throws DamagedBackup naming the file where it is missing, has another size or another digest. */
  read(path: string): Promise<Buffer>;
  /**
   * What no reader needs and yet is not as it was written: files that backup.json does not name, a checksum
   * line that was edited, a verified.json that was. Empty: nothing.
   */
  irregularities(): Promise<Irregularity[]>;
  /** What the last successful `verify` noted; undefined where there was none of this very backup. */
  verification(): Promise<VerificationDocument | undefined>;
  /**
   * Writes verified.json, all of it or nothing; undefined, after a `verify` that failed, removes it.
   * @throws ToolError where the store can't be written.
   */
  noteVerification(note: VerificationNote | undefined): Promise<void>;
}

/** How a store is doing, beside what it holds. */
export interface StoreCondition {
  /** Why nothing can be written; absent where a file could be written, and was removed again. */
  unwritable?: string;
  /** Bytes that an ordinary user may still write; absent where the store does not say. */
  freeBytes?: number;
  /** Files and folders that may still be made; absent where the store does not say. */
  freeFiles?: number;
  /** What backups that were cut off left, which the next one removes some hours later. */
  leftovers: { location: string /** RFC 3339 */; at: string }[];
  /** Folders that others can write: whoever can may put backups there, and journals. */
  exposed: ExposedFolder[];
}

export interface Store extends StoreName {
  /** Starts a backup at `address`. @throws ToolError where the store can't be written. */
  create(address: BackupAddress): Promise<BackupWriter>;
  /**
   * Every backup, in any order, narrowed by the parts of an address that are given.
   * @throws UnreachableError where the store does not exist or can't be read.
   */
  list(filter: Partial<BackupAddress>): Promise<ListedBackup[]>;
  /**
   * Opens a backup.
   * @throws ToolError where it does not exist or has a format version this tool can't read, DamagedBackup
   *   where it is damaged.
   */
  open(address: BackupAddress): Promise<BackupReader>;
  /**
   * Whether it can be written, how much room there is, and what lies about. Leaves nothing behind.
   * @throws UnreachableError where the store does not exist or can't be read.
   */
  condition(): Promise<StoreCondition>;
  /** The folders on the way to a release's backups that others can write. Never throws for what is not there. */
  exposed(release: ReleaseAddress): Promise<ExposedFolder[]>;
  /** Starts the journal `id` of a release, or goes on with it. @throws ToolError where it can't be written. */
  openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter>;
  /**
   * Every journal of a release, oldest first, damaged ones among them.
   * @throws UnreachableError where their folder can't be read.
   */
  journals(release: ReleaseAddress): Promise<ListedJournal[]>;
}
