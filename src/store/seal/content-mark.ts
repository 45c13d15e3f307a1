import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../format/digest.ts';
import type { BackupAddress, BackupContent } from '../store.ts';
import type { Recipient } from './recipient.ts';
import { withoutSuffix, withoutTime } from './same-backup.ts';

/** A sealed archive, and all that it was made of. */
export interface MarkedArchive {
  /** Of the backup that it was made for. */
  address: BackupAddress;
  /** Not sealed. */
  content: BackupContent;
  recipients: readonly Recipient[];
  archive: Uint8Array;
}

const SALT_BYTES = 16;
const LABEL = 'memcached-backup content mark v1';

/**
 * A mark by which whoever has the secret, and nobody else, finds out whether a backup is the one in a sealed archive: an HMAC
 * (RFC 2104, with SHA-256) of everything in it but when it was taken, to whom it is sealed, and of the sealed archive itself, which
 * nobody can exchange then. Without the secret nothing can be guessed by it; a salt of its own keeps two marks of the same content
 * from telling that.
 */
export function contentMark(secret: Uint8Array, marked: MarkedArchive): string {
  return markWith(secret, marked, randomBytes(SALT_BYTES));
}

/** Whether the mark was made with this secret, of just this. */
export function isMarkOf(mark: string, secret: Uint8Array, marked: MarkedArchive): boolean {
  const [salt = ''] = mark.split('-');
  const own = Buffer.from(markWith(secret, marked, Buffer.from(salt, 'hex')));
  const given = Buffer.from(mark);
  return own.length === given.length && timingSafeEqual(own, given);
}

function markWith(secret: Uint8Array, marked: MarkedArchive, salt: Buffer): string {
  const key = Buffer.from(hkdfSync('sha256', secret, salt, LABEL, 32));
  return `${salt.toString('hex')}-${createHmac('sha256', key).update(textOf(marked)).digest('hex')}`;
}

function textOf({ address, content, recipients, archive }: MarkedArchive): string {
  const files = content.files.map(({ path, content: bytes }) => [path, sha256(bytes)] as const);
  return JSON.stringify([
    // The id may get a suffix after the archive was sealed.
    [address.cluster, address.namespace, address.release, withoutSuffix(address.id)],
    withoutTime(content.document),
    files.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    recipients.map(({ text }) => text).sort(),
    sha256(archive),
  ]);
}
