import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../model/json/json.ts';
import { FORMAT_VERSION, type VerificationDocument } from '../model/records/backup-format.ts';
import { Damage } from './damage.ts';
import { sha256 } from './digest.ts';
import { hasOutlineOfVerification } from './document-outline.ts';
import { replacedName, replaceFile } from './durable-file.ts';
import { VERIFIED } from './layout.ts';
import { readInner } from './safe-read.ts';
import type { VerificationNote } from './store.ts';

/** Far above what `verify` writes: a listing reads one of every backup. */
const MAX_BYTES = 1024 * 1024;

/** Whether it is verified.json on its way to its name, which a killed `verify` left. */
export function isTemporaryVerification(path: string): boolean {
  return replacedName(path) === VERIFIED;
}

/**
 * What verified.json says of the backup whose backup.json has the digest `backup`; undefined where there is
 * none, or none that can be believed. Never throws: a backup is no worse for it.
 */
export async function readVerification(
  folder: string,
  backup: string,
): Promise<VerificationDocument | undefined> {
  const text = await read(folder);
  if (text === undefined || text instanceof Damage) return undefined;
  const document = unseal(text);
  return document?.backup === backup && document.formatVersion === FORMAT_VERSION ? document : undefined;
}

/** Why verified.json is not as a `verify` wrote it; undefined where it is, or is not there. */
export async function brokenVerification(folder: string): Promise<string | undefined> {
  const text = await read(folder);
  if (text === undefined) return undefined;
  if (text instanceof Damage) return text.message;
  return unseal(text) === undefined ? 'it is not as verify wrote it' : undefined;
}

/** Writes verified.json: what was there before stays until all of the new one is on the disk. */
export async function writeVerification(
  folder: string,
  backup: string,
  note: VerificationNote,
): Promise<void> {
  await replaceFile(join(folder, VERIFIED), seal({ formatVersion: FORMAT_VERSION, backup, ...note }));
}

export async function removeVerification(folder: string): Promise<void> {
  await rm(join(folder, VERIFIED), { force: true });
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
async function read(folder: string): Promise<string | Damage | undefined> {
  try {
    return (await readInner(folder, VERIFIED, MAX_BYTES)).toString();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return error.missing ? undefined : error;
  }
}
