import { UsageError } from '../../errors/tool-error.ts';

/** A bucket, and the folder in it; "" where backups lie at its top. */
export interface S3Place {
  bucket: string;
  /** Ends in "/" where there is one. */
  prefix: string;
}

/** Buckets and the aliases of access points; directory buckets end in "--x-s3". */
const BUCKET = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{1,61})[A-Za-z0-9]$/;
/** The characters that every tool takes (Amazon S3 User Guide, Naming objects, "Safe characters"). */
const FOLDER = /^(?!\.\.?$)[\w!.*'()=+-]+$/;

/** Room is left for the names below it: a key has at most 1,024 bytes. */
const MAX_PREFIX = 300;

/**
 * Reads `s3://BUCKET[/PREFIX]`.
 * @throws UsageError where it is none; one that may hold credentials is not repeated in it.
 */
export function parseS3Location(location: string): S3Place {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(.*)$/i.exec(location) ?? [];
  const folders = path.split('/').filter((folder) => folder !== '');
  if (!BUCKET.test(bucket)) {
    throw new UsageError(`"${bucket}" is not the name of a bucket`, {
      next: 'name the store as s3://BUCKET or s3://BUCKET/FOLDER',
    });
  }
  const wrong = folders.find((folder) => !FOLDER.test(folder));
  if (wrong !== undefined) {
    throw new UsageError(`"${wrong}" can not be a folder of a bucket`, {
      next: "use letters, digits and !-_.*'()=+ in it",
    });
  }
  const prefix = folders.map((folder) => `${folder}/`).join('');
  if (prefix.length > MAX_PREFIX) {
    throw new UsageError(`the folder in the bucket ${bucket} has more than ${MAX_PREFIX} characters`, {
      next: 'name a shorter one',
    });
  }
  return { bucket, prefix };
}
