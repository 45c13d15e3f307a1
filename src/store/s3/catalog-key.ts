import { ToolError } from '../../errors/tool-error.ts';
import type { BackupAddress } from '../store.ts';
import { catalogFolder } from './catalog.ts';
import { type CatalogEntry, entryName } from './catalog-name.ts';
import type { S3Bucket } from './s3-bucket.ts';

/** Bytes of a key (Amazon S3 User Guide, Naming objects). */
const MAX_KEY = 1024;

/** The key of an entry about a backup. @throws ToolError where its names are too long. */
export function catalogKey(
  { prefixBytes }: Pick<S3Bucket, 'prefixBytes'>,
  address: BackupAddress,
  entry: CatalogEntry,
): string {
  const folder = catalogFolder(address);
  const name = entryName(entry, address, MAX_KEY - prefixBytes - Buffer.byteLength(folder));
  if (name === undefined) throw new ToolError(`${folder} is too long a name for S3 (${MAX_KEY} bytes)`);
  return folder + name;
}
