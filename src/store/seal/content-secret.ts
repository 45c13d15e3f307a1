import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, placeFile } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import type { Signatures } from '../sign/signatures.ts';

const FILE = 'content-mark.key';
const BYTES = 32;

/**
 * The secret that marks of content are made with ({@link contentMark}): out of the key that signs backups, which also a job in a
 * cluster has; else a random one in this user's state folder, made on first use. Both belong to whoever takes the backups and
 * so reads all that is in them.
 * @param folder the state folder; undefined where there is none.
 * @returns undefined where neither is to be had: then nothing is marked.
 * @throws UsageError for a signing key that is none.
 */
export async function contentSecret(
  signatures: Signatures,
  folder: string | undefined,
): Promise<Uint8Array | undefined> {
  return (await signatures.secret()) ?? (folder === undefined ? undefined : keptSecret(folder));
}

async function keptSecret(folder: string): Promise<Uint8Array | undefined> {
  const path = join(folder, FILE);
  try {
    return await readSecret(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return undefined;
  }
  try {
    await ensureFolder(folder);
    await placeFile(path, randomBytes(BYTES));
  } catch {
    // Somebody else was faster, or it can't be kept.
  }
  return readSecret(path).catch(() => undefined);
}

async function readSecret(path: string): Promise<Uint8Array | undefined> {
  const secret = await readFile(path);
  return secret.length === BYTES ? secret : undefined;
}
