import type { BackupAddress } from '../store.ts';
import { archiveKey } from './archive-key.ts';
import { catalogFolder } from './catalog.ts';
import type { S3Bucket } from './s3-bucket.ts';

/** The backup is gone, and not all of its objects are. */
export class NotAllRemoved extends Error {
  readonly key: string;

  constructor(cause: unknown, key: string) {
    super('not all of a backup could be removed', { cause });
    this.key = key;
  }
}

/**
 * Takes a backup away: its entry in the catalog first, without which there is none; then what was noted of it, and its archive.
 * @returns whether the bucket keeps any of it as older versions.
 * @throws S3Failure where it is as it was; NotAllRemoved where it is gone and something of it stays.
 */
export async function removeFromBucket(bucket: S3Bucket, address: BackupAddress): Promise<boolean> {
  let isKept = false;
  const remove = async (key: string): Promise<void> => {
    if (await bucket.remove(key)) isKept = true;
  };
  const keys: string[] = [];
  const folder = catalogFolder(address);
  for await (const { objects } of bucket.list(folder)) keys.push(...objects.map(({ key }) => key));
  const isEntry = (key: string): boolean => key.slice(folder.length).startsWith('backup.');
  for (const key of keys.filter(isEntry)) await remove(key);
  for (const key of [...keys.filter((each) => !isEntry(each)), archiveKey(address)]) {
    try {
      await remove(key);
    } catch (error) {
      throw new NotAllRemoved(error, key);
    }
  }
  return isKept;
}
