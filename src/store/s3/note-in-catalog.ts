import type { VerificationDocument } from '../../model/records/backup-format.ts';
import { sha256 } from '../format/digest.ts';
import type { CatalogedBackup } from './catalog.ts';
import { catalogKey } from './catalog-key.ts';
import type { VerifiedEntry } from './catalog-name.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { S3Failure } from './s3-failure.ts';

/**
 * Writes what a verification noted beside the entry of the backup, and takes away what was noted before. Where nothing may
 * be deleted, the latest counts, and a note without content takes the others back.
 * @param text verified.json; undefined: nothing is noted any more.
 * @throws S3Failure
 */
export async function noteInCatalog(
  bucket: S3Bucket,
  cataloged: CatalogedBackup,
  text: string | undefined,
): Promise<void> {
  const { verifications, verified } = cataloged;
  if (text === undefined) {
    const isGone = await removeAll(bucket, verifications);
    if (isGone || verified === undefined) return;
  }
  const { key, content } = noteOf(bucket, cataloged, text);
  await bucket.put(key, content);
  if (text !== undefined)
    await removeAll(
      bucket,
      verifications.filter((old) => old.key !== key),
    );
}

/** @returns false where that may not be done. */
async function removeAll(bucket: S3Bucket, objects: readonly { key: string }[]): Promise<boolean> {
  try {
    for (const { key } of objects) await bucket.remove(key);
    return true;
  } catch (error) {
    if (error instanceof S3Failure && error.isDenied) return false;
    throw error;
  }
}

function noteOf(
  bucket: S3Bucket,
  { address, backup, notedAt }: CatalogedBackup,
  text: string | undefined,
): { key: string; content: Buffer } {
  const content = Buffer.from(text ?? '');
  const document = text === undefined ? undefined : (JSON.parse(text) as VerificationDocument);
  const at = document === undefined ? Date.now() : Date.parse(document.at);
  const entry: VerifiedEntry = {
    kind: 'verified',
    backup: backup?.entry.document.sha256 ?? '',
    verification: { size: content.length, sha256: sha256(content) },
    // Of two that were noted in the same millisecond, or by a clock that runs behind, the later one counts.
    at: Math.max(at, notedAt + 1),
    ...(document === undefined
      ? {}
      : {
          note: {
            at: document.at,
            tool: document.tool,
            passed: document.passed,
            unchecked: document.unchecked,
          },
        }),
  };
  return { key: catalogKey(bucket, address, entry), content };
}
