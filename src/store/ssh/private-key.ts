import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parsePublicKey, publicKeyOf, type SshPublicKey, strictBase64 } from './public-key.ts';
import { MalformedSsh, WireReader } from './wire.ts';

/** A private key and its public half. */
export interface SshPrivateKey {
  key: KeyObject;
  public: SshPublicKey;
}

/** The key is there, and only its passphrase opens it. */
export class EncryptedKey extends MalformedSsh {
  constructor() {
    super('it is protected by a passphrase');
  }
}

const OPENSSH =
  /^-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/;

/** Whether a file holds a private key as OpenSSH or PEM writes it; its content may be spoilt all the same. */
export function looksLikePrivateKey(text: string): boolean {
  return /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text.trimStart());
}

/**
 * A private key of OpenSSH (PROTOCOL.key of its sources: "openssh-key-v1") or PEM (PKCS #8, PKCS #1), without a passphrase.
 * @throws EncryptedKey; MalformedSsh where it is none, or neither Ed25519 nor RSA.
 */
export function parsePrivateKey(text: string): SshPrivateKey {
  const [, base64] = OPENSSH.exec(text.trim()) ?? [];
  if (base64 === undefined) return parsePem(text);
  const bytes = strictBase64(base64.replaceAll(/\s/g, ''));
  if (bytes === undefined) throw new MalformedSsh('it is not base64');
  return parseOpenSsh(new WireReader(bytes));
}

function parsePem(text: string): SshPrivateKey {
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text)) throw new EncryptedKey();
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    // OpenSSL's words may quote the file.
    throw new MalformedSsh('it is not a private key of OpenSSH or PEM');
  }
  return { key, public: publicKeyOf(key) };
}

const MAGIC = 'openssh-key-v1\0';

function parseOpenSsh(reader: WireReader): SshPrivateKey {
  if (reader.take(MAGIC.length).toString('latin1') !== MAGIC)
    throw new MalformedSsh('it is no openssh-key-v1');
  const cipher = reader.text();
  reader.bytes(); // kdfname
  reader.bytes(); // kdfoptions
  if (cipher !== 'none') throw new EncryptedKey();
  if (reader.number() !== 1) throw new MalformedSsh('it holds more than one key');
  const publicKey = parsePublicKey(reader.bytes());
  const secret = new WireReader(reader.bytes());
  const [check, again] = [secret.number(), secret.number()];
  if (check !== again) throw new MalformedSsh('its check numbers differ');
  if (secret.text() !== publicKey.type) throw new MalformedSsh('its two halves are of different types');
  const key = publicKey.type === 'ssh-ed25519' ? ed25519(secret) : rsa(secret);
  // What is signed or opened with it is told by the public half.
  if (!publicKeyOf(key).wire.equals(publicKey.wire)) throw new MalformedSsh('its two halves are not one key');
  return { key, public: publicKey };
}

function ed25519(secret: WireReader): KeyObject {
  const x = secret.bytes();
  const seed = secret.bytes().subarray(0, 32);
  if (x.length !== 32 || seed.length !== 32) throw new MalformedSsh('an Ed25519 key has 32 bytes');
  return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: seed.toString('base64url') });
}

function rsa(secret: WireReader): KeyObject {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => toBigInt(secret.bytes()));
  return fromJwk({
    kty: 'RSA',
    ...toParts({ n: n!, e: e!, d: d!, p: p!, q: q!, qi: qi!, dp: d! % (p! - 1n), dq: d! % (q! - 1n) }),
  });
}

function fromJwk(jwk: Record<string, string>): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new MalformedSsh('its numbers make no key');
  }
}

function toParts(numbers: Record<string, bigint>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => {
      const hex = value.toString(16);
      return [name, Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')];
    }),
  );
}

function toBigInt(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}
