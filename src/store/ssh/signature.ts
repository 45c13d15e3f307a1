import { createHash, sign, verify } from 'node:crypto';
import type { SshPrivateKey } from './private-key.ts';
import { parsePublicKey, type SshPublicKey, strictBase64 } from './public-key.ts';
import { MalformedSsh, WireReader, wireNumber, wireStrings } from './wire.ts';

/** A signature as `ssh-keygen -Y sign` writes it (PROTOCOL.sshsig of OpenSSH's sources). */
export interface SshSignature {
  /** That it says it was made with. Whose it is, it does not say. */
  key: SshPublicKey;
  /** For what it was made: a signature of a mail must not pass for one of a backup. */
  namespace: string;
  hash: 'sha256' | 'sha512';
  /** Whether the key signed what has this digest, by {@link SshSignature.hash}. */
  fits(digest: Buffer): boolean;
}

const MAGIC = 'SSHSIG';
const VERSION = 1;
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const LINE = 70;

/**
 * Signs with an Ed25519 key. The message goes in by its sha256, so that whoever has that can check the signature.
 * @returns the armored text.
 */
export function signSsh(
  message: string,
  { key, public: { wire } }: SshPrivateKey,
  namespace: string,
): string {
  const hash = 'sha256';
  const digest = createHash(hash).update(message).digest();
  const signature = sign(null, signedBytes(namespace, hash, digest), key);
  const blob = Buffer.concat([
    Buffer.from(MAGIC),
    wireNumber(VERSION),
    wireStrings(wire, namespace, '', hash, wireStrings('ssh-ed25519', signature)),
  ]);
  return armored(blob.toString('base64'));
}

/** @param base64 in one line. */
export function armored(base64: string): string {
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

/** @throws MalformedSsh also for keys of another kind than Ed25519. */
export function parseSignature(text: string): SshSignature {
  const lines = text.trim().split(/\r?\n/);
  const isArmored = lines.length > 2 && lines[0] === BEGIN && lines.at(-1) === END;
  const blob = isArmored ? strictBase64(lines.slice(1, -1).join('')) : undefined;
  if (blob === undefined) throw new MalformedSsh('it is not a signature of ssh-keygen');
  const reader = new WireReader(blob);
  if (reader.take(MAGIC.length).toString('latin1') !== MAGIC || reader.number() !== VERSION) {
    throw new MalformedSsh('it is not a signature of ssh-keygen, version 1');
  }
  const key = parsePublicKey(reader.bytes());
  const namespace = reader.text();
  reader.bytes(); // reserved
  const hash = reader.text();
  const inner = new WireReader(reader.bytes());
  if (hash !== 'sha256' && hash !== 'sha512') throw new MalformedSsh('its hash is neither sha256 nor sha512');
  if (key.type !== 'ssh-ed25519' || inner.text() !== 'ssh-ed25519') {
    throw new MalformedSsh('only Ed25519 signatures are known here');
  }
  const signature = inner.bytes();
  if (!reader.isAtEnd || !inner.isAtEnd) throw new MalformedSsh('something follows it');
  return {
    key,
    namespace,
    hash,
    fits: (digest) => verify(null, signedBytes(namespace, hash, digest), key.key, signature),
  };
}

/** "SHA256:…", as ssh-keygen shows a key. */
export function sshFingerprint({ wire }: Pick<SshPublicKey, 'wire'>): string {
  return `SHA256:${createHash('sha256').update(wire).digest('base64').replaceAll('=', '')}`;
}

function signedBytes(namespace: string, hash: string, digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(MAGIC), wireStrings(namespace, '', hash, digest)]);
}
