import { shell } from '../../advice/command.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import { isFolderName } from '../format/layout.ts';
import type { ReleaseAddress, StoreCondition } from '../store.ts';
import { ARCHIVE, archiveKey } from './archive-key.ts';
import { readCatalog } from './catalog.ts';
import type { S3Bucket, StoredObject, TriedPut } from './s3-bucket.ts';
import { S3Failure } from './s3-failure.ts';

/** An archive that is younger may be of a backup that is being written. */
const LEFT_MS = 24 * 3600 * 1000;

/** Hidden, so that nothing takes it for a backup; it is never there. */
const PROBE = '.writable';

const UNGUARDED = 'the server wrote over an object although it was asked not to (If-None-Match: *)';

/**
 * How a store in a bucket is doing. Writes nothing, also not for a moment, where the server knows conditions and is not
 * asked to encrypt: whoever may write may not be allowed to delete.
 * @param locate the location of a key, as the user would write it.
 * @param cli what the AWS CLI needs beside it: "--endpoint-url", ….
 * @throws S3Failure where it can't be read.
 */
export async function bucketCondition(
  bucket: S3Bucket,
  { locate, cli }: { locate: (key: string) => string; cli: readonly string[] },
  now: number,
): Promise<StoreCondition> {
  const left = await leftInBucket(bucket, {}, now);
  const { refusal, isGuarded } = await bucket.tryPut(PROBE);
  return {
    ...(refusal === undefined ? {} : { unwritable: unwritable(refusal) }),
    ...(isGuarded ? {} : { unguarded: UNGUARDED }),
    leftovers: left.map(({ key, at }) => ({
      location: locate(key),
      at: at.toISOString(),
      fix: shell('aws', 's3', 'rm', locate(key), ...cli),
    })),
    exposed: [],
  };
}

function unwritable(refusal: NonNullable<TriedPut['refusal']>): NonNullable<StoreCondition['unwritable']> {
  const { message, next, trouble } = refusal;
  const why = refusal instanceof S3Failure ? `${message} (${refusal.what})` : message;
  return { why, fix: next === undefined ? [] : [next], ...(trouble === undefined ? {} : { trouble }) };
}

/** Archives to which nothing in the catalog leads, since a day. @throws S3Failure */
export async function leftInBucket(
  bucket: S3Bucket,
  release: Partial<ReleaseAddress>,
  now: number,
): Promise<StoredObject[]> {
  // The archives first: an entry that is made meanwhile is seen.
  const archives: StoredObject[] = [];
  const { cluster, namespace, release: name } = release;
  const isWhole = cluster !== undefined && namespace !== undefined && name !== undefined;
  for await (const { objects } of bucket.list(isWhole ? `${cluster}/${namespace}/${name}/` : ''))
    archives.push(...objects.filter(({ key, at }) => isArchive(key) && now - at.getTime() > LEFT_MS));
  if (archives.length === 0) return [];
  const known = new Set((await readCatalog(bucket, release)).map(({ address }) => archiveKey(address)));
  return archives.filter(({ key }) => !known.has(key));
}

function isArchive(key: string): boolean {
  const [cluster = '', namespace = '', release = '', id = '', name, ...rest] = key.split('/');
  return (
    [cluster, namespace, release].every(isFolderName) &&
    isBackupId(id) &&
    name === ARCHIVE &&
    rest.length === 0
  );
}
