import { isDeepStrictEqual } from 'node:util';
import { ToolError } from '../../errors/tool-error.ts';
import type { BackupDocument, FileEntry } from '../../model/records/backup-format.ts';
import type { BackupAddress, BackupContent } from '../store.ts';
import { checksumLine, sha256 } from './digest.ts';
import { CHECKSUM, DOCUMENT, isInnerPath, MAX_DOCUMENT_BYTES, MAX_FILE_BYTES, SIGNATURE } from './layout.ts';

/** backup.json of one id. */
export interface PreparedDocument {
  document: BackupDocument;
  text: string;
  /** sha256 of the text. */
  digest: string;
  /**
   * The store's own files of the backup, to be written in this order after the backup's: where backup.json.sha256 is,
   * everything is there.
   */
  own: ReadonlyMap<string, string>;
}

/** A backup that is ready to be written, whatever its id will be. */
export interface PreparedBackup {
  files: BackupContent['files'];
  /** backup.json for an id, and its sha256. @throws IdTaken for another id than that of a copy. */
  document(id: string): PreparedDocument;
}

/**
 * Records size and digest of each file, and holds the backup to what readers accept.
 * @throws Error (a defect) where a path can't be in a backup, the document is of another place, or the files of a copy are
 *   not those of its document; ToolError where it is too large.
 */
export function prepareBackup(address: BackupAddress, content: BackupContent): PreparedBackup {
  const { files, document, finished } = content;
  assertSameAddress(document, address);
  const entries = files.map(entryOf).sort(byPath);
  const twice = entries.find(({ path }, index) => path === entries[index + 1]?.path);
  if (twice !== undefined) throw new Error(`"${twice.path}" is in the backup twice`);
  if (finished !== undefined) return { files, document: copied(content, finished, entries) };
  return {
    files,
    document: (id) => {
      const made = { ...document, id, files: entries };
      const text = `${JSON.stringify(made, null, 2)}\n`;
      if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES)
        throw new ToolError(`${DOCUMENT} would be too large (${entries.length} files)`);
      return prepared(made, text, content);
    },
  };
}

/** All that a store writes of a backup, as one archive of it holds it: paths and bytes. */
export function everyFile({ files }: PreparedBackup, { own }: PreparedDocument): Map<string, Uint8Array> {
  const all = [...files.map(({ path, content }) => [path, content] as const), ...own];
  return new Map(
    all.map(([path, content]) => [path, typeof content === 'string' ? Buffer.from(content) : content]),
  );
}

function prepared(document: BackupDocument, text: string, { signature }: BackupContent): PreparedDocument {
  const digest = sha256(text);
  const own = new Map([[DOCUMENT, text]]);
  if (signature !== undefined) own.set(SIGNATURE, signature(text));
  own.set(CHECKSUM, checksumLine(digest, DOCUMENT));
  return { document, text, digest, own };
}

/** A copy has the bytes that the backup has, and so its id. */
function copied(
  content: BackupContent,
  finished: Buffer,
  entries: readonly FileEntry[],
): PreparedBackup['document'] {
  const { document } = content;
  const named = document.files.toSorted(byPath);
  if (!isDeepStrictEqual(entries, named)) throw new Error(`the files are not those of ${DOCUMENT}`);
  const text = finished.toString();
  if (!Buffer.from(text).equals(finished)) throw new ToolError(`${DOCUMENT} is not UTF-8`);
  const copy = prepared(document, text, content);
  return (id) => {
    if (id !== document.id) throw new IdTaken(document);
    return copy;
  };
}

/** A copy whose id another backup of the release has. */
export class IdTaken extends ToolError {
  constructor({ release, id }: Pick<BackupDocument, 'release' | 'id'>) {
    super(`the id of ${release}@${id} is taken by another backup`, {
      untouched: 'neither was changed',
    });
  }
}

function byPath(a: FileEntry, b: FileEntry): number {
  return a.path < b.path ? -1 : 1;
}

function entryOf({ path, content }: BackupContent['files'][number]): FileEntry {
  if (!isInnerPath(path)) throw new Error(`"${path}" can not be a file of a backup`);
  const size = Buffer.byteLength(content);
  if (size > MAX_FILE_BYTES) throw new ToolError(`${path} is too large for a backup (${size} bytes)`);
  return { path, size, sha256: sha256(content) };
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
