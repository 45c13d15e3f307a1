import { summaryOf } from '../../model/records/backup-summary.ts';
import { configurationOf } from '../../model/records/configuration-of.ts';
import type { BackupAddress, ListedBackup, ListOptions } from '../store.ts';
import { assertSizes, readDocument } from './backup-document.ts';
import { Damage } from './damage.ts';
import { readSignature } from './signature-file.ts';
import type { StoredFiles } from './stored-files.ts';
import { readVerification } from './verification.ts';

/**
 * What a listing says of a backup whose files it can read: its summary, checked as far as that takes few bytes.
 * @returns also whether a file is missing, which may be for want of the whole backup: somebody removed it meanwhile.
 * @throws UnreachableError where the store no longer answers.
 */
export async function inspectBackup(
  files: StoredFiles,
  address: BackupAddress,
  location: string,
  { configurations = false }: ListOptions = {},
): Promise<{ listed: ListedBackup; isMissing: boolean }> {
  const listed: ListedBackup = { address, location };
  try {
    const { document, sha256 } = await readDocument(files, address);
    listed.summary = summaryOf(document);
    const configuration = configurations ? configurationOf(document) : undefined;
    if (configuration !== undefined) listed.configuration = configuration;
    const [verification, signature] = await Promise.all([
      readVerification(files, sha256),
      readSignature(files),
      assertSizes(files, document),
    ]);
    if (verification !== undefined) listed.verification = verification;
    if (signature !== undefined) listed.signed = { signature, digest: sha256 };
    return { listed, isMissing: false };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    listed.damage = error.message;
    if (error.unreadable) listed.unreadable = true;
    return { listed, isMissing: error.missing };
  }
}
