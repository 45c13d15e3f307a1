import { isObject } from '../../model/json/json.ts';
import { FORMAT_VERSION, type VerificationDocument } from '../../model/records/backup-format.ts';
import type { VerificationNote } from '../store.ts';
import { Damage } from './damage.ts';
import { sha256 } from './digest.ts';
import { hasOutlineOfVerification } from './document-outline.ts';
import { VERIFIED } from './layout.ts';
import type { StoredFiles } from './stored-files.ts';

/** Far above what `verify` writes: a listing reads one of every backup. */
export const MAX_VERIFICATION_BYTES = 1024 * 1024;

/**
 * What verified.json says of the backup whose backup.json has the digest `backup`; undefined where there is
 * none, or none that can be believed. Never throws: a backup is no worse for it.
 */
export async function readVerification(
  files: StoredFiles,
  backup: string,
): Promise<VerificationDocument | undefined> {
  const text = await read(files);
  return text === undefined || text instanceof Damage ? undefined : verificationIn(text, backup);
}

/** The same of the text of one. */
export function verificationIn(text: string, backup: string): VerificationDocument | undefined {
  const document = unseal(text);
  return document?.backup === backup && document.formatVersion === FORMAT_VERSION ? document : undefined;
}

/** Why verified.json is not as a `verify` wrote it; undefined where it is, or is not there. */
export async function brokenVerification(files: StoredFiles): Promise<string | undefined> {
  const text = await read(files);
  if (text === undefined) return undefined;
  if (text instanceof Damage) return text.message;
  return unseal(text) === undefined ? 'it is not as verify wrote it' : undefined;
}

/** verified.json of the backup whose backup.json has the digest `backup`. */
export function verificationText(backup: string, note: VerificationNote): string {
  return seal({ formatVersion: FORMAT_VERSION, backup, ...note });
}

function seal(unsealed: Omit<VerificationDocument, 'digest'>): string {
  const document: VerificationDocument = { ...unsealed, digest: digestOf(unsealed) };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * The document in `text` where every byte of it is as it was sealed, its outline that of the type. A later
 * version's fields are no damage.
 */
function unseal(text: string): VerificationDocument | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (!isObject(document) || `${JSON.stringify(document, null, 2)}\n` !== text) return undefined;
    const { digest, ...unsealed } = document;
    return digest === digestOf(unsealed) && hasOutlineOfVerification(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(unsealed: object): string {
  return sha256(JSON.stringify(unsealed));
}

/** The text; the damage where it can't be read; undefined where it is not there. */
async function read(files: StoredFiles): Promise<string | Damage | undefined> {
  try {
    return (await files.read(VERIFIED, MAX_VERIFICATION_BYTES)).toString();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return error.missing ? undefined : error;
  }
}
