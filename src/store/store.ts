import type { Advice } from '../advice/advice.ts';
import type { BackupDocument, BackupKind, VerificationDocument } from '../model/records/backup-format.ts';
import type { BackupSummary } from '../model/records/backup-summary.ts';
import type { JournalEntry, ListedJournal } from '../model/records/journal.ts';
import type { StoreName } from './advice.ts';
import type { ReleaseFiles } from './release-files.ts';
import type { StoreTrouble } from './store-error.ts';

/** A folder of the store in which others than this user may change what lies there; or the file that a store is. */
export interface ExposedFolder {
  location: string;
  /** One clause: "its mode 0777 lets everybody write". */
  why: string;
  /** The command that mends it. */
  fix: Advice;
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

/** A backup as `list` sees it: its summary, or why it can't be read. Damaged ones are never hidden. */
export interface ListedBackup {
  address: BackupAddress;
  /** A location to show and to open: the folder's path. */
  location: string;
  summary?: BackupSummary;
  /** What is to be done where a part of the store can't be read and backups may be in it: a command. */
  next?: Advice;
  /** What is wrong with it, in one sentence; absent where backup.json matches its digest and the sizes fit. */
  damage?: string;
  /**
   * The damage may not be the backup's: it could not be read, something else stands in its place, or its format is newer
   * than this tool. Nobody takes it away for that.
   */
  unreadable?: true;
  /** What the last successful `verify` of it noted; absent where there was none. */
  verification?: VerificationNote;
  /** backup.json.sig and the sha256 of backup.json, or that there is one which a listing can't tell; absent: nobody signed. */
  signed?: { signature: string; digest: string } | 'not listed';
  /** {@link configurationOf}, where it was asked for and the store reads all of backup.json for a listing; absent otherwise. */
  configuration?: string;
}

export interface ListOptions {
  /** Tell the configurations, where that takes no further reading. */
  configurations?: boolean;
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

/** A backup that is to be saved: all of it, in memory. */
export interface BackupContent {
  files: readonly { /** Relative to the backup, with "/". */ path: string; content: string | Uint8Array }[];
  /** backup.json, but for `files`, and its `id` where that is taken: the store knows them best. */
  document: BackupDocument;
  /**
   * The bytes of a finished backup.json, which `document` was read from: a copy is saved with them, so that its digest and
   * whatever is signed stay true, and under its own id or not at all.
   */
  finished?: Buffer;
  /** Makes backup.json.sig of the text of backup.json; absent where nobody signs. Of a copy it gives what it had. */
  signature?: (document: string) => string;
}

/** A backup that the store has, whole. */
export interface SavedBackup {
  address: BackupAddress;
  location: string;
  /** sha256 of its backup.json. */
  digest: string;
  document: BackupDocument;
}

/** A backup opened for reading. Every read is checked against the recorded size and digest. */
export interface BackupReader {
  address: BackupAddress;
  location: string;
  /** Names this very backup on a command line: the words after `show`, or `verify`. */
  operand: readonly string[];
  /** The store that it was found in; absent where it was opened by its path, which may lie anywhere. */
  store?: StoreName;
  document: BackupDocument;
  /** sha256 of its backup.json. */
  digest: string;
  /** The bytes of its backup.json. */
  documentBytes: Buffer;
  /** @throws DamagedBackup naming the file where it is missing, has another size or another digest. */
  read(path: string): Promise<Buffer>;
  /**
   * The backup as it was before it was sealed: this very reader where it is not. Every file is one of its `document` then,
   * checked against the digests in the archive, which is opened on the first call.
   * @throws SealedBackup where no key at hand opens it; DamagedBackup where it was cut or changed, or is of another backup.
   */
  unsealed(): Promise<BackupReader>;
  /** backup.json.sig, as it is; undefined where there is none. @throws DamagedBackup where it can't be read. */
  signature(): Promise<string | undefined>;
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

/** What may still be written. */
export interface StoreRoom {
  /** Bytes, for an ordinary user. */
  freeBytes?: number;
  /** Bytes that are free or in use, for the same; absent where another limit may be nearer. */
  capacityBytes?: number;
  /** Files and folders. */
  freeFiles?: number;
  /** Commands that show what takes it. */
  fix: Advice[];
}

/** What was cut off and lies about. */
export interface Leftover {
  location: string;
  /** When it was last touched, RFC 3339. */
  at: string;
  /** The command that removes it. */
  fix: Advice;
}

/** How a store is doing, beside what it holds. */
export interface StoreCondition {
  /** Why nothing can be written, and commands to look at it; absent where something could be, and was removed again. */
  unwritable?: { why: string; fix: Advice[]; trouble?: StoreTrouble };
  /**
   * What shows that of two who write at once one may write over the other's, one clause. Absent where the store keeps them
   * apart, or it can't be told.
   */
  unguarded?: string;
  /** What shows that others took back what was written before, one clause; and commands to paste. No backup is lost by it. */
  rewritten?: { why: string; fix: Advice[] };
  /** Absent where the store does not say. */
  room?: StoreRoom;
  /** What backups and removals that were cut off left, which the next backup or `sweep` removes, some hours later. */
  leftovers: Leftover[];
  /** Folders that others can write: whoever can may put backups there, and journals. */
  exposed: ExposedFolder[];
}

/** A backup that is being saved while the rest of it is found out: hidden, as everything of one that is not whole. */
export interface BegunSave {
  /** Files that it will have, just so: they may be written already. What goes wrong, `save` says. */
  write(files: BackupContent['files']): void;
  /** As {@link Store.save}, with all files of the backup. Once. */
  save(content: BackupContent, signal?: AbortSignal): Promise<SavedBackup>;
  /** Where it is not to be saved after all: nothing of it remains. Never throws. */
  drop(): Promise<void>;
}

export interface Store extends StoreName {
  /**
   * Saves a whole backup or nothing: until it is whole nothing of it can be mistaken for a backup. The id gets a suffix
   * where it is taken.
   * @throws IdTaken where that can't be, because the backup is a copy.
   * @param signal ends it before the last step with its reason; what was written is removed.
   * @throws ToolError where the store can't be written.
   */
  save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup>;
  /**
   * Begins to save a backup of which not everything is known yet. Absent, or undefined, where the store needs all of it first.
   * @param kind of the backup.
   */
  begin?(address: BackupAddress, kind: BackupKind): Promise<BegunSave | undefined>;
  /**
   * Every backup, in any order, narrowed by the parts of an address that are given.
   * @throws UnreachableError where the store does not exist or can't be read.
   */
  list(filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]>;
  /**
   * Opens a backup.
   * @throws ToolError where it does not exist or has a format version this tool can't read, DamagedBackup
   *   where it is damaged.
   */
  open(address: BackupAddress): Promise<BackupReader>;
  /**
   * Takes a backup away, whatever its state: it is there whole or not at all to every reader, also after a crash. One that
   * is gone already counts as removed.
   * @throws DeletionDenied where the store does not allow it; ToolError where it can't be done.
   */
  remove(address: BackupAddress): Promise<void>;
  /**
   * Removes what cut-off backups and removals of a release left, as far as nobody can be at work on it. Never throws for
   * what stays: no listing shows it, and `condition` tells of it.
   */
  sweep(release: ReleaseAddress): Promise<void>;
  /**
   * Whether it can be written, how much room there is, and what lies about. Leaves nothing behind.
   * @throws UnreachableError where the store does not exist or can't be read.
   */
  condition(): Promise<StoreCondition>;
  /** The folders on the way to a release's backups that others can write. Never throws for what is not there. */
  exposed(release: ReleaseAddress): Promise<ExposedFolder[]>;
  /**
   * What lies beside the release's backups: reports of drills, snapshots of its cache. undefined: this kind of store takes none.
   * @throws ToolError where a part of the address can't be a folder's name.
   */
  releaseFiles(release: ReleaseAddress): ReleaseFiles | undefined;
  /**
   * The backup that lay in the place of a release's newest one at the moment that a tag of somebody's names; absent, or
   * undefined, where the store knows no tags.
   * @param releases where it may lie, the likeliest first.
   * @throws ToolError where there is no such tag, or no backup of the release there that is still in the store.
   */
  backupAtTag?(releases: readonly ReleaseAddress[], tag: string): Promise<BackupAddress | undefined>;
}

/** A store that also takes journals, line by line: a folder. */
export interface JournalStore extends Store {
  /** Starts the journal `id` of a release, or goes on with it. @throws ToolError where it can't be written. */
  openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter>;
  /**
   * Every journal of a release, oldest first, damaged ones among them.
   * @throws UnreachableError where their folder can't be read.
   */
  journals(release: ReleaseAddress): Promise<ListedJournal[]>;
  /** Removes a journal; one that is gone already counts as removed. @throws ToolError where that can't be done. */
  removeJournal(release: ReleaseAddress, id: string): Promise<void>;
}

/** A store that keeps each release's newest backup in place, and every change of it for good: what is the same stays as it is. */
export interface InPlaceStore extends Store {
  /**
   * The backup that lies in the place of the next one.
   * @returns undefined where there is none that can be read.
   * @throws ToolError where the store can't be read.
   */
  inPlace(release: ReleaseAddress): Promise<BackupReader | undefined>;
}

export function keepsInPlace(store: Store): store is InPlaceStore {
  return 'inPlace' in store;
}

export function keepsJournals(store: Store): store is JournalStore {
  return 'openJournal' in store;
}
