import { isObject } from '../../model/json/json.ts';
import { scanJson } from '../../model/json/json-scan.ts';
import { BeyondLimit, type JsonLimits, MAX_DEPTH } from '../../model/json/limits.ts';
import { parseSmall } from '../../model/json/small-json.ts';
import { type BackupDocument, FORMAT_VERSIONS } from '../../model/records/backup-format.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import type { BackupAddress } from '../store.ts';
import { Damage } from './damage.ts';
import { checksumLine, parseChecksumLine, sha256 } from './digest.ts';
import { hasOutline } from './document-outline.ts';
import type { FilesAtOnce } from './files-at-once.ts';
import { CHECKSUM, DOCUMENT, isFolderName, isInnerPath, MAX_DOCUMENT_BYTES } from './layout.ts';
import type { StoredFiles } from './stored-files.ts';

const MAX_CHECKSUM_BYTES = 1024;

/** The formats that are read, and the newest of them. */
const KNOWN = new Set<number>(FORMAT_VERSIONS);
const NEWEST = Math.max(...FORMAT_VERSIONS);

/** The entries of some fifty thousand files, as its bytes (MAX_DOCUMENT_BYTES); millions would take seconds each. */
const DOCUMENT_LIMITS: JsonLimits = {
  bytes: MAX_DOCUMENT_BYTES,
  values: 500_000,
  depth: MAX_DEPTH,
  members: 1_000,
};

/** A backup of a format that this version of the tool does not know. */
export class NewerFormat extends Damage {
  constructor(message: string) {
    super(message, { unreadable: true });
  }
}

export interface ReadDocument {
  document: BackupDocument;
  /** Of backup.json. */
  bytes: Buffer;
  /** Of the bytes of backup.json. */
  sha256: string;
}

/**
 * Reads a backup's document and checks it against its digest, its place and itself.
 * @param address where the backup lies in a store; for a folder elsewhere, its name.
 * @throws Damage saying what is wrong.
 */
export async function readDocument(
  files: StoredFiles,
  address: BackupAddress | { folder: string },
): Promise<ReadDocument> {
  const bytes = await files.read(DOCUMENT, MAX_DOCUMENT_BYTES);
  const unchecked = parsed(bytes);
  const line = await files.read(CHECKSUM, MAX_CHECKSUM_BYTES);
  return { document: checked(unchecked, line.toString(), address), bytes, sha256: unchecked.digest };
}

/** The same without giving way to anything else meanwhile. @throws as FilesAtOnce.read does, too. */
export function readDocumentAtOnce(files: FilesAtOnce, address: BackupAddress): Omit<ReadDocument, 'bytes'> {
  const unchecked = files.read(DOCUMENT, MAX_DOCUMENT_BYTES, parsed);
  const line = files.read(CHECKSUM, MAX_CHECKSUM_BYTES, (bytes) => bytes.toString());
  return { document: checked(unchecked, line, address), sha256: unchecked.digest };
}

/** Where a document says that its backup lies. */
export function addressOf({ cluster, namespace, release, id }: BackupDocument): BackupAddress {
  return { cluster: cluster.name, namespace: namespace.name, release, id };
}

/** @throws Damage naming the first file that is missing or has another size than recorded. */
export async function assertSizes(files: StoredFiles, document: BackupDocument): Promise<void> {
  const sizes = await Promise.all(document.files.map(({ path }) => files.size(path)));
  document.files.forEach((file, index) => {
    assertSizeOf(file, sizes[index]);
  });
}

/** The same without giving way to anything else meanwhile. @throws as FilesAtOnce.size does, too. */
export function assertSizesAtOnce(files: FilesAtOnce, document: BackupDocument): void {
  for (const file of document.files) assertSizeOf(file, files.size(file.path));
}

function assertSizeOf({ path, size }: BackupDocument['files'][number], found: number | undefined): void {
  if (found !== size) throw new Damage(`${path} has ${found} bytes, ${DOCUMENT} says ${size}`);
}

/** A backup.json that nobody has checked yet, of a format that is read. */
interface Unchecked {
  value: unknown;
  version: number;
  digest: string;
}

/** Before the digest counts: a newer format may well keep its digests elsewhere. */
function parsed(bytes: Buffer): Unchecked {
  const value = parseDocument(bytes);
  return { value, version: knownFormat(value), digest: sha256(bytes) };
}

function checked(
  { value, version, digest }: Unchecked,
  line: string,
  address: BackupAddress | { folder: string },
): BackupDocument {
  if (line !== checksumLine(digest, DOCUMENT)) assertDigest(line, digest);
  if (!hasOutline(value)) throw new Damage(`${DOCUMENT} is not a document of format v${version}`);
  assertLocation(value, address);
  assertPaths(value);
  return value;
}

/** What a backup.json holds, whatever that is. @throws Damage where it is more than is read of one, or no JSON. */
export function parseDocument(content: Buffer): unknown {
  try {
    const small = parseSmall(content, DOCUMENT_LIMITS);
    if (small !== undefined) return small;
    scanJson(content, DOCUMENT_LIMITS);
    return JSON.parse(content.toString());
  } catch (error) {
    if (error instanceof BeyondLimit) throw new Damage(`${DOCUMENT}: ${error.message}`);
    throw new Damage(`${DOCUMENT} is not JSON`);
  }
}

function knownFormat(value: unknown): number {
  const version = isObject(value) ? value.formatVersion : undefined;
  if (typeof version === 'number' && KNOWN.has(version)) return version;
  if (typeof version === 'number' && Number.isSafeInteger(version) && version > NEWEST) {
    throw new NewerFormat(`its format version ${version} is newer than ${NEWEST}, which this tool reads`);
  }
  throw new Damage(`${DOCUMENT} has no format version that this tool reads`);
}

/** As other programs write such lines, too. */
function assertDigest(line: string, digest: string): void {
  const expected = parseChecksumLine(line, DOCUMENT);
  if (expected === undefined) throw new Damage(`${CHECKSUM} is not a line of sha256sum`);
  if (expected !== digest) throw new Damage(`${DOCUMENT} does not match ${CHECKSUM}`);
}

/**
 * A folder that was renamed or copied within a store would be restored as something it is not. Outside of a
 * store a backup is what it says, but for its own name.
 */
function assertLocation(document: BackupDocument, address: BackupAddress | { folder: string }): void {
  const { cluster, namespace, release, id } = addressOf(document);
  if ('folder' in address) {
    if (!isBackupId(id) || ![cluster, namespace, release].every(isFolderName)) {
      throw new Damage(`${DOCUMENT} has no valid id or names`);
    }
    if (!isBackupId(address.folder) || address.folder === id) return;
    throw new Damage(`${DOCUMENT} says it is ${id}: the folder was renamed`);
  }
  const said = `${cluster}/${namespace}/${release}/${id}`;
  if (said !== `${address.cluster}/${address.namespace}/${address.release}/${address.id}`)
    throw new Damage(`${DOCUMENT} says it is ${said}: the folder was moved or renamed`);
}

function assertPaths(document: BackupDocument): void {
  const seen = new Set<string>();
  for (const { path } of document.files) {
    if (!isInnerPath(path)) throw new Damage(`${DOCUMENT} names a file outside the backup: ${path}`);
    if (seen.has(path)) throw new Damage(`${DOCUMENT} names ${path} twice`);
    seen.add(path);
  }
}
