import type { BackupDocument, VerificationDocument } from '../../model/records/backup-format.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { configurationOf } from '../../model/records/configuration-of.ts';
import type { BackupAddress, ListedBackup, ListOptions } from '../store.ts';
import { assertSizes, assertSizesAtOnce, readDocument, readDocumentAtOnce } from './backup-document.ts';
import { Damage } from './damage.ts';
import { type FilesAtOnce, NotAtOnce } from './files-at-once.ts';
import { SIGNATURE, VERIFIED } from './layout.ts';
import { MAX_SIGNATURE_BYTES, readSignature } from './signature-file.ts';
import type { StoredFiles } from './stored-files.ts';
import { MAX_VERIFICATION_BYTES, readVerification, verificationIn } from './verification.ts';

/** What was found of a backup, and whether a file is missing, which may be for want of the whole backup: somebody removed it meanwhile. */
export interface Inspected {
  listed: ListedBackup;
  isMissing: boolean;
}

/**
 * What a listing says of a backup whose files it can read: its summary, checked as far as that takes few bytes.
 * @throws UnreachableError where the store no longer answers.
 */
export async function inspectBackup(
  files: StoredFiles,
  address: BackupAddress,
  location: string,
  options: ListOptions = {},
): Promise<Inspected> {
  const listed: ListedBackup = { address, location };
  try {
    const { document, sha256 } = await readDocument(files, address);
    tell(listed, document, options);
    const [verification, signature] = await Promise.all([
      readVerification(files, sha256),
      readSignature(files),
      assertSizes(files, document),
    ]);
    tellNotes(listed, sha256, { verification, signature });
    return { listed, isMissing: false };
  } catch (error) {
    return damaged(listed, error);
  }
}

/**
 * The same without giving way to anything else meanwhile.
 * @returns undefined where that is not for this backup: {@link inspectBackup} tells.
 */
export function inspectBackupAtOnce(
  files: FilesAtOnce,
  address: BackupAddress,
  location: string,
  options: ListOptions = {},
): Inspected | undefined {
  const listed: ListedBackup = { address, location };
  try {
    const { document, sha256 } = readDocumentAtOnce(files, address);
    tell(listed, document, options);
    const verification = verificationAtOnce(files, sha256);
    const signature = files.readWhereThere(SIGNATURE, MAX_SIGNATURE_BYTES, (bytes) => bytes.toString());
    assertSizesAtOnce(files, document);
    tellNotes(listed, sha256, { verification, signature });
    return { listed, isMissing: false };
  } catch (error) {
    return error instanceof NotAtOnce ? undefined : damaged(listed, error);
  }
}

/** A backup is no worse for a verified.json that can't be believed. */
function verificationAtOnce(files: FilesAtOnce, digest: string): VerificationDocument | undefined {
  try {
    return files.readWhereThere(VERIFIED, MAX_VERIFICATION_BYTES, (bytes) =>
      verificationIn(bytes.toString(), digest),
    );
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function tell(listed: ListedBackup, document: BackupDocument, { configurations = false }: ListOptions): void {
  listed.summary = summaryOf(document);
  const configuration = configurations ? configurationOf(document) : undefined;
  if (configuration !== undefined) listed.configuration = configuration;
}

function tellNotes(
  listed: ListedBackup,
  digest: string,
  {
    verification,
    signature,
  }: { verification: VerificationDocument | undefined; signature: string | undefined },
): void {
  if (verification !== undefined) listed.verification = verification;
  if (signature !== undefined) listed.signed = { signature, digest };
}

function damaged(listed: ListedBackup, error: unknown): Inspected {
  if (!(error instanceof Damage)) throw error;
  listed.damage = error.message;
  if (error.unreadable) listed.unreadable = true;
  return { listed, isMissing: error.missing };
}
