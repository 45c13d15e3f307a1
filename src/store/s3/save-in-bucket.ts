import { randomUUID } from 'node:crypto';
import { nextId, timeOfId } from '../../model/records/backup-id.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { packArchive } from '../format/archive.ts';
import { sha256 } from '../format/digest.ts';
import { SIGNATURE } from '../format/layout.ts';
import { everyFile, type PreparedBackup } from '../format/prepare-backup.ts';
import type { BackupAddress } from '../store.ts';
import { archiveKey } from './archive-key.ts';
import { catalogKey } from './catalog-key.ts';
import type { BackupEntry } from './catalog-name.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { S3Failure } from './s3-failure.ts';

/** What could not be taken away again; the cause is what failed before. */
export class Unfinished extends Error {
  readonly left: string | undefined;

  constructor(cause: unknown, left: string | undefined) {
    super('a backup could not be written', { cause });
    this.left = left;
  }
}

/** A backup that lies in a bucket, under the id that it got. */
export interface SavedInBucket {
  address: BackupAddress;
  document: ReturnType<PreparedBackup['document']>;
}

/** The two objects of a backup. */
interface Objects extends SavedInBucket {
  archive: Buffer;
  /** Key of the entry in the catalog; its content is backup.json. */
  entry: string;
}

/**
 * Writes the archive, which takes the id, and then the entry in the catalog, which makes it a backup.
 * @throws Unfinished with what went wrong as its cause; IdTaken for a copy.
 */
export async function saveInBucket(
  bucket: S3Bucket,
  address: BackupAddress,
  backup: PreparedBackup,
  signal: AbortSignal | undefined,
): Promise<SavedInBucket> {
  const mark = randomUUID();
  for (let { id } = address; ; id = nextId(id)) {
    const objects = await objectsOf(bucket, { ...address, id }, backup);
    const arrived = await putArchive(bucket, objects, mark, signal);
    if (arrived === 'taken') continue;
    if (await putEntry(bucket, objects, { mark, signal, isOwn: arrived === 'written' })) return objects;
  }
}

async function objectsOf(bucket: S3Bucket, address: BackupAddress, backup: PreparedBackup): Promise<Objects> {
  const document = backup.document(address.id);
  const files = everyFile(backup, document);
  const archive = await packArchive({ address, files }, new Date(timeOfId(address.id)));
  return { address, document, archive, entry: entryKey(bucket, address, document, archive) };
}

async function putArchive(
  bucket: S3Bucket,
  { address, archive }: Objects,
  mark: string,
  signal: AbortSignal | undefined,
) {
  try {
    return await bucket.putNew(archiveKey(address), archive, { mark, signal });
  } catch (error) {
    // Broken off, it may have arrived; nothing leads to it.
    throw new Unfinished(error, await leftOf(bucket, address, error));
  }
}

interface PutEntry {
  mark: string;
  signal: AbortSignal | undefined;
  /** This writer wrote the archive; else an earlier try left the same one. */
  isOwn: boolean;
}

/** @returns false where the very same backup is there already, by another writer. */
async function putEntry(
  bucket: S3Bucket,
  { address, entry, document }: Objects,
  { mark, signal, isOwn }: PutEntry,
): Promise<boolean> {
  try {
    signal?.throwIfAborted();
    const arrived = await bucket.putNew(entry, Buffer.from(document.text), { mark, isLast: true });
    return arrived === 'written';
  } catch (error) {
    // Without an answer the entry may be there, or come yet: then the archive has to stay.
    const isUnknown = error instanceof S3Failure && !error.isRefusal;
    if (isUnknown)
      throw new Unfinished(
        error,
        'whether the last object arrived nobody knows: list shows the backup if it did, and then it is whole',
      );
    throw new Unfinished(error, isOwn ? await leftOf(bucket, address, error) : undefined);
  }
}

/** Takes the archive away. @returns what is left, one clause. */
async function leftOf(bucket: S3Bucket, address: BackupAddress, error: unknown): Promise<string | undefined> {
  const key = archiveKey(address);
  // It was refused: there is nothing.
  if (error instanceof S3Failure && error.isRefusal && error.request.key.endsWith(key)) return undefined;
  return bucket.remove(key).then(
    () => undefined,
    () => `${key} may be left in it, which is no backup and is not listed`,
  );
}

function entryKey(
  bucket: S3Bucket,
  address: BackupAddress,
  { document, text, digest, own }: SavedInBucket['document'],
  archive: Buffer,
): string {
  const signature = own.get(SIGNATURE);
  const entry: BackupEntry = {
    kind: 'backup',
    archive: { size: archive.length, sha256: sha256(archive) },
    document: { size: Buffer.byteLength(text), sha256: digest },
    summary: summaryOf(document),
    ...(signature === undefined ? {} : { signature }),
  };
  return catalogKey(bucket, address, entry);
}
