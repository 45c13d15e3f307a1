import type { BackupDocument, FileEntry } from '../model/backup.ts';

/** Where one backup lies in a store. */
export interface BackupAddress {
  cluster: string;
  namespace: string;
  release: string;
  id: string;
}

/** A backup as `list` sees it: its document, or why it can't be read. Damaged ones are never hidden. */
export interface ListedBackup {
  address: BackupAddress;
  /** A location to show and to open: the folder's path. */
  location: string;
  document?: BackupDocument;
  /** What is wrong with it, in one sentence; absent where backup.json matches its digest and the sizes fit. */
  damage?: string;
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
  commit(document: BackupDocument): Promise<BackupAddress & { location: string }>;
  /** Removes what was written. Never throws. */
  abort(): Promise<void>;
}

/** A backup opened for reading. Every read is checked against the recorded size and digest. */
export interface BackupReader {
  address: BackupAddress;
  location: string;
  document: BackupDocument;
  /** @throws ToolError naming the file where it is missing, has another size or another digest. */
  read(path: string): Promise<Buffer>;
}

export interface Store {
  /** How the user named it, for messages and advice. */
  readonly location: string;
  /** Starts a backup at `address`. @throws ToolError where the store can't be written. */
  create(address: BackupAddress): Promise<BackupWriter>;
  /**
   * Every backup, in any order, narrowed by the parts of an address that are given.
   * @throws UnreachableError where the store does not exist or can't be read.
   */
  list(filter: Partial<BackupAddress>): Promise<ListedBackup[]>;
  /**
   * Opens a backup.
   * @throws ToolError where it does not exist, is damaged, or has a format version this tool can't read.
   */
  open(address: BackupAddress): Promise<BackupReader>;
}
