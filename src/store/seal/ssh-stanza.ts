import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import type { SshPrivateKey } from '../ssh/private-key.ts';
import type { SshPublicKey } from '../ssh/public-key.ts';

/** A part of an age file's header: who can open it, and how. */
export interface StanzaParts {
  args: string[];
  body: Uint8Array;
}

/** The key of the content, which each stanza wraps. */
export const FILE_KEY_BYTES = 16;

const ED25519_LABEL = 'age-encryption.org/v1/ssh-ed25519';
const RSA_LABEL = 'age-encryption.org/v1/ssh-rsa';

/**
 * Wraps a file's key for an SSH key as age's own program does. They stand in no specification: filippo.io/age/agessh is
 * the one, and the tests open with it what was sealed here, and the other way round.
 */
export function wrapForSsh(fileKey: Uint8Array, recipient: SshPublicKey): StanzaParts {
  const tag = tagOf(recipient);
  if (recipient.type === 'ssh-rsa') {
    return { args: ['ssh-rsa', tag], body: publicEncrypt({ key: recipient.key, ...OAEP }, fileKey) };
  }
  const ephemeral = generateKeyPairSync('x25519');
  const share = rawPublic(ephemeral.publicKey);
  const theirs = montgomeryOf(recipient);
  const secret = tweaked(recipient, x25519(ephemeral.privateKey, theirs));
  const key = ed25519Key(secret, share, theirs);
  return { args: ['ssh-ed25519', tag, base64(share)], body: chacha20(key, fileKey) };
}

/**
 * The file's key where one of the stanzas is for this SSH key; null where none is.
 * @throws Error where one is, and is malformed.
 */
export function unwrapWithSsh(stanzas: readonly StanzaParts[], identity: SshPrivateKey): Uint8Array | null {
  const { type } = identity.public;
  const own = stanzas.filter(({ args }) => args[0] === type && args[1] === tagOf(identity.public));
  for (const stanza of own) {
    const fileKey = type === 'ssh-rsa' ? openRsa(stanza, identity) : openEd25519(stanza, identity);
    if (fileKey !== undefined) return fileKey;
  }
  return null;
}

/** ChaCha20-Poly1305 with a nonce of zeros, as every stanza of age has it: each key is used once. */
export function chacha20(key: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, ZERO_NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where it is of another key, or was changed. */
export function openChacha20(key: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const cut = sealed.length - TAG_BYTES;
  if (cut < 0) return undefined;
  try {
    const decipher = createDecipheriv('chacha20-poly1305', key, ZERO_NONCE, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(cut));
    return Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** As age writes it: without padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

const ZERO_NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;
const OAEP = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(RSA_LABEL),
};

function openRsa({ args, body }: StanzaParts, { key }: SshPrivateKey): Uint8Array | undefined {
  if (args.length !== 2) throw new Error('invalid ssh-rsa stanza');
  try {
    const fileKey = privateDecrypt({ key, ...OAEP }, body);
    return fileKey.length === FILE_KEY_BYTES ? fileKey : undefined;
  } catch {
    return undefined;
  }
}

function openEd25519({ args, body }: StanzaParts, identity: SshPrivateKey): Uint8Array | undefined {
  const share = Buffer.from(args[2] ?? '', 'base64');
  if (args.length !== 3 || share.length !== 32 || body.length !== FILE_KEY_BYTES + TAG_BYTES) {
    throw new Error('invalid ssh-ed25519 stanza');
  }
  const own = scalarOf(identity.key);
  const secret = tweaked(identity.public, x25519(own, share));
  return openChacha20(ed25519Key(secret, share, montgomeryOf(identity.public)), body);
}

/** Tells for which SSH key a stanza is: of 32 bits, so that two may share it. */
function tagOf({ wire }: SshPublicKey): string {
  return base64(createHash('sha256').update(wire).digest().subarray(0, 4));
}

/** Binds the secret to the very SSH key, not to its Montgomery form alone. */
function tweaked({ wire }: SshPublicKey, secret: Buffer): Buffer {
  const tweak = Buffer.from(hkdfSync('sha256', Buffer.alloc(0), wire, ED25519_LABEL, 32));
  return x25519(privateX25519(tweak), secret);
}

function ed25519Key(secret: Buffer, share: Buffer, theirs: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([share, theirs]), ED25519_LABEL, 32));
}

const P = 2n ** 255n - 19n;

/** The Edwards point as a Montgomery coordinate, u = (1 + y) / (1 - y) (RFC 7748, section 4.1). */
function montgomeryOf({ wire }: SshPublicKey): Buffer {
  const y = littleEndian(wire.subarray(-32)) & ((1n << 255n) - 1n);
  const u = ((1n + y) * power((((1n - y) % P) + P) % P, P - 2n)) % P;
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse();
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bits = exponent, square = base % P; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** The scalar behind an Ed25519 seed (RFC 8032, section 5.1.5), which X25519 clamps itself. */
function scalarOf(key: KeyObject): KeyObject {
  const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  return privateX25519(createHash('sha512').update(seed).digest().subarray(0, 32));
}

function x25519(privateKey: KeyObject, point: Buffer): Buffer {
  return diffieHellman({ privateKey, publicKey: publicX25519(point) });
}

/** RFC 8410: the DER that goes before 32 bytes of an X25519 key. */
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_X25519 = Buffer.from('302a300506032b656e032100', 'hex');

function privateX25519(scalar: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_X25519, scalar]), format: 'der', type: 'pkcs8' });
}

function publicX25519(point: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_X25519, point]), format: 'der', type: 'spki' });
}

function rawPublic(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}
