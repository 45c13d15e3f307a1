import type {
  Identity as AgeIdentity,
  Recipient as AgeRecipient,
  Decrypter,
  Encrypter,
} from 'age-encryption';
import { Damage } from '../format/damage.ts';
import { parsePublicKeyLine } from '../ssh/public-key.ts';
import { type AgeHeader, readAgeHeader } from './age-header.ts';
import type { Identity } from './identity.ts';
import { unwrapWithPassphrase, wrapForPassphrase } from './passphrase-stanza.ts';
import type { Recipient } from './recipient.ts';
import { type StanzaParts, unwrapWithSsh, wrapForSsh } from './ssh-stanza.ts';

/** What content is sealed with: public keys, or one passphrase; age mixes them in no file. */
export type Seal = { recipients: readonly Recipient[] } | { passphrase: string };

/** What is at hand to open with. */
export interface Openers {
  identities: readonly Identity[];
  /** Asked for where a file is sealed with one; undefined where nobody can be asked. */
  passphrase?: (() => Promise<string>) | undefined;
}

/** None of the keys at hand opens it. */
export class NoKeyFits extends Error {}

/** Encrypts with age, as binary, not armored. @param workFactor of a passphrase, for tests. */
export async function seal(content: Uint8Array, by: Seal, workFactor?: number): Promise<Buffer> {
  const { Encrypter, Stanza } = await import('age-encryption');
  const encrypter: Encrypter = new Encrypter();
  const stanza = ({ args, body }: StanzaParts) => new Stanza(args, body);
  if ('passphrase' in by) {
    encrypter.addRecipient({
      wrapFileKey: async (fileKey) => [stanza(await wrapForPassphrase(fileKey, by.passphrase, workFactor))],
    });
  } else {
    for (const recipient of by.recipients) encrypter.addRecipient(ageRecipient(recipient, stanza));
  }
  return Buffer.from(await encrypter.encrypt(content));
}

function ageRecipient(
  { type, text }: Recipient,
  stanza: (parts: StanzaParts) => Awaited<ReturnType<AgeRecipient['wrapFileKey']>>[number],
): string | AgeRecipient {
  if (type === 'x25519' || type === 'mlkem768x25519') return text;
  const key = parsePublicKeyLine(text);
  return { wrapFileKey: (fileKey) => [stanza(wrapForSsh(fileKey, key))] };
}

/**
 * Decrypts an age file. What comes out has at most the length of what went in.
 * @param name of the file, for messages.
 * @throws NoKeyFits; Damage where it is no age file, was cut or changed, or asks for more than is given.
 */
export async function open(sealed: Buffer, by: Openers, name: string): Promise<Buffer> {
  const header = readAgeHeader(sealed, name);
  const { Decrypter } = await import('age-encryption');
  const decrypter: Decrypter = new Decrypter();
  for (const identity of await ageIdentities(header, by)) decrypter.addIdentity(identity);
  try {
    return Buffer.from(await decrypter.decrypt(sealed));
  } catch (error) {
    const { message } = error as Error;
    if (/^no identity matched/.test(message)) throw new NoKeyFits();
    // "invalid tag" tells a person nothing.
    const why = /work factor/.test(message) ? message : 'it was cut, or changed after it was sealed';
    throw new Damage(`${name} can't be decrypted: ${why}`);
  }
}

async function ageIdentities(
  { types }: AgeHeader,
  { identities, passphrase }: Openers,
): Promise<(string | AgeIdentity)[]> {
  const own = identities.map((identity) =>
    identity.type === 'native'
      ? identity.text
      : { unwrapFileKey: (stanzas: StanzaParts[]) => unwrapWithSsh(stanzas, identity.key) },
  );
  if (!types.includes('scrypt') || passphrase === undefined) return own;
  const text = await passphrase();
  return [...own, { unwrapFileKey: (stanzas) => unwrapWithPassphrase(stanzas, text) }];
}
