import { createPublicKey, type KeyObject } from 'node:crypto';
import { MalformedSsh, WireReader, wireStrings } from './wire.ts';

/** The types that are known here; of ECDSA and security keys (sk-…) nothing is. */
export type SshKeyType = 'ssh-ed25519' | 'ssh-rsa';

/** A public key as SSH writes it. */
export interface SshPublicKey {
  type: SshKeyType;
  /** RFC 4253 (6.6) and RFC 8709: what the base64 of a .pub file holds. */
  wire: Buffer;
  key: KeyObject;
}

/** RSA keys below it are refused by OpenSSH too. */
const MIN_RSA_BITS = 2048;
/** OpenSSH's own limit; a larger one takes seconds. */
const MAX_RSA_BITS = 16_384;

/** "ssh-ed25519 AAAA… comment" @throws MalformedSsh */
export function parsePublicKeyLine(line: string): SshPublicKey {
  const [type, base64] = line.trim().split(/\s+/);
  const wire = base64 === undefined ? undefined : strictBase64(base64);
  if (wire === undefined) throw new MalformedSsh('it is not a line of an SSH public key');
  const key = parsePublicKey(wire);
  if (key.type !== type) throw new MalformedSsh('its type is another than the key says');
  return key;
}

/** @throws MalformedSsh also for types that are not known here. */
export function parsePublicKey(wire: Buffer): SshPublicKey {
  const reader = new WireReader(wire);
  const type = reader.text();
  const key = type === 'ssh-ed25519' ? ed25519(reader) : type === 'ssh-rsa' ? rsa(reader) : undefined;
  if (key === undefined) throw new MalformedSsh('only ssh-ed25519 and ssh-rsa keys are known here');
  if (!reader.isAtEnd) throw new MalformedSsh('something follows the key');
  return { type: type as SshKeyType, wire, key };
}

/** "ssh-ed25519 AAAA…", without a comment. */
export function publicKeyLine({ type, wire }: Pick<SshPublicKey, 'type' | 'wire'>): string {
  return `${type} ${wire.toString('base64')}`;
}

/** Of a key that Node holds. @throws MalformedSsh where it is neither Ed25519 nor RSA. */
export function publicKeyOf(key: KeyObject): SshPublicKey {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  const part = (name: 'x' | 'n' | 'e'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url');
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return parsePublicKey(wireStrings('ssh-ed25519', part('x')));
  }
  if (jwk.kty === 'RSA') return parsePublicKey(wireStrings('ssh-rsa', mpint(part('e')), mpint(part('n'))));
  throw new MalformedSsh('only Ed25519 and RSA keys are known here');
}

function ed25519(reader: WireReader): KeyObject {
  const x = reader.bytes();
  if (x.length !== 32) throw new MalformedSsh('an Ed25519 key has 32 bytes');
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
    format: 'jwk',
  });
}

function rsa(reader: WireReader): KeyObject {
  const [e, n] = [reader.bytes(), reader.bytes()];
  const bits = unsigned(n).length * 8;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new MalformedSsh(`an RSA key has ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`);
  }
  const part = (bytes: Buffer): string => unsigned(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', e: part(e), n: part(n) }, format: 'jwk' });
}

/** "mpint" (RFC 4251, section 5) of a positive number without its leading zeros. */
function unsigned(mpint: Buffer): Buffer {
  let start = 0;
  while (start < mpint.length && mpint[start] === 0) start++;
  return mpint.subarray(start);
}

function mpint(magnitude: Buffer): Buffer {
  const bytes = unsigned(magnitude);
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

/** Undefined where a byte of it is not base64 as it is written. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}
