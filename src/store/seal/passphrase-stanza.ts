import { randomBytes, scrypt as scryptWithCallback } from 'node:crypto';
import { promisify } from 'node:util';
import { base64, chacha20, openChacha20, type StanzaParts } from './ssh-stanza.ts';

const scrypt = promisify<string, Buffer, number, object, Buffer>(scryptWithCallback);

/** C2SP age, "The scrypt recipient type". */
const LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;

/** As the age program: about a second of one processor, and 256 MiB. */
export const WORK_FACTOR = 18;

/**
 * The most that is spent on a passphrase: a forged file must not take hours and all memory. 2^20 takes four times as long
 * as what is written here, and 1 GiB.
 */
export const MAX_WORK_FACTOR = 20;

/** Node's own derivation, which leaves the event loop free meanwhile. @param workFactor base-2 logarithm. */
export async function wrapForPassphrase(
  fileKey: Uint8Array,
  passphrase: string,
  workFactor: number = WORK_FACTOR,
): Promise<StanzaParts> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(passphrase, salt, workFactor);
  return { args: ['scrypt', base64(salt), String(workFactor)], body: chacha20(key, fileKey) };
}

/** The file's key; null where the passphrase is another. @throws Error where the stanza is malformed or asks too much. */
export async function unwrapWithPassphrase(
  stanzas: readonly StanzaParts[],
  passphrase: string,
): Promise<Uint8Array | null> {
  const [stanza, ...others] = stanzas;
  if (stanza?.args[0] !== 'scrypt') return null;
  const [, saltText = '', factorText = '', ...more] = stanza.args;
  const salt = Buffer.from(saltText, 'base64');
  // Nobody else may be able to open what a passphrase seals, or it would not tell who sealed it.
  const isOne = others.length === 0 && more.length === 0;
  if (!isOne || salt.length !== SALT_BYTES || !/^[1-9]\d?$/.test(factorText)) {
    throw new Error('invalid scrypt stanza');
  }
  if (Number(factorText) > MAX_WORK_FACTOR) {
    throw new Error(`its scrypt work factor ${factorText} is above ${MAX_WORK_FACTOR}`);
  }
  return openChacha20(await derive(passphrase, salt, Number(factorText)), stanza.body) ?? null;
}

function derive(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const N = 2 ** workFactor;
  const labelled = Buffer.concat([Buffer.from(LABEL), salt]);
  return scrypt(passphrase, labelled, 32, { N, r: 8, p: 1, maxmem: 2 * 128 * N * 8 });
}
