import type { SealedRecipient } from '../../model/records/backup-format.ts';
import { sha256 } from '../format/digest.ts';
import { parsePublicKeyLine, publicKeyLine } from '../ssh/public-key.ts';
import { MalformedSsh } from '../ssh/wire.ts';
import { decodeBech32 } from './bech32.ts';

/** Who can open what is sealed: a public key. */
export interface Recipient extends Required<SealedRecipient> {
  type: Exclude<SealedRecipient['type'], 'passphrase'>;
  /** As age takes it, without a comment: "age1…", "ssh-ed25519 AAAA…". */
  text: string;
}

/** A text is no recipient; `message` says why, and quotes nothing of it: somebody may have pasted the private key. */
export class NoRecipient extends Error {}

/** Bytes of the public key, by the prefix of its Bech32 text (C2SP age, "The X25519 recipient type" and the hybrid one). */
const NATIVE = {
  age: { type: 'x25519', bytes: 32 },
  age1pq: { type: 'mlkem768x25519', bytes: 1216 },
} as const;

/** @throws NoRecipient */
export function parseRecipient(text: string): Recipient {
  const trimmed = text.trim();
  if (/^AGE-SECRET-KEY-|PRIVATE KEY/i.test(trimmed)) {
    throw new NoRecipient(
      'it is a private key: whoever has it can open every backup; give its public half (age1…)',
    );
  }
  return /^ssh-/.test(trimmed) ? sshRecipient(trimmed) : nativeRecipient(trimmed);
}

/** First 8 hex digits of the sha256 of the recipient's text: tells keys apart, and nothing else of them. */
export function fingerprintOf(text: string): string {
  return sha256(text).slice(0, 8);
}

function sshRecipient(line: string): Recipient {
  try {
    const key = parsePublicKeyLine(line);
    const text = publicKeyLine(key);
    return { type: key.type, text, fingerprint: fingerprintOf(text) };
  } catch (error) {
    if (error instanceof MalformedSsh) throw new NoRecipient(error.message);
    throw error;
  }
}

function nativeRecipient(text: string): Recipient {
  if (!/^age1/i.test(text)) {
    throw new NoRecipient(
      'it is neither age1… nor age1pq1… nor a line of an ssh-ed25519 or ssh-rsa public key',
    );
  }
  const decoded = decodeBech32(text);
  if ('wrong' in decoded) throw new NoRecipient(decoded.wrong);
  const kind = Object.hasOwn(NATIVE, decoded.prefix)
    ? NATIVE[decoded.prefix as keyof typeof NATIVE]
    : undefined;
  if (kind === undefined) {
    throw new NoRecipient(
      "it is of an age plugin, which only the age program can ask: name one of age's own kinds",
    );
  }
  if (decoded.bytes.length !== kind.bytes) throw new NoRecipient('its length fits no key');
  const lower = text.toLowerCase();
  return { type: kind.type, text: lower, fingerprint: fingerprintOf(lower) };
}

/**
 * The recipients of a file, one a line; blank lines and those that begin with "#" are none, as in `age -R`.
 * @throws NoRecipient naming the line's number.
 */
export function parseRecipients(file: string): Recipient[] {
  return file.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    try {
      return [parseRecipient(line)];
    } catch (error) {
      throw error instanceof NoRecipient ? new NoRecipient(`line ${index + 1}: ${error.message}`) : error;
    }
  });
}

/** Each once, in the order in which they were named. */
export function distinct(recipients: readonly Recipient[]): Recipient[] {
  return [...new Map(recipients.map((recipient) => [recipient.text, recipient])).values()];
}
