import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { BackupSummary } from '../../model/records/backup-summary.ts';
import { Damage } from '../format/damage.ts';
import { sha256 } from '../format/digest.ts';
import { hasOutlineOfNote, hasOutlineOfSummary } from '../format/document-outline.ts';
import { addressParts } from '../format/layout.ts';
import { armored } from '../ssh/signature.ts';
import type { BackupAddress, VerificationNote } from '../store.ts';
import { DICTIONARY } from './catalog-dictionary.ts';

/** Bytes of an object in the bucket, and their sha256. */
export interface Content {
  size: number;
  sha256: string;
}

/** That a backup is there, whole: the object's own content is its backup.json. */
export interface BackupEntry {
  kind: 'backup';
  archive: Content;
  document: Content;
  /** Absent where it did not fit into the name; backup.json tells it then. */
  summary?: BackupSummary;
  /** backup.json.sig; true where there is one that did not fit into the name; absent where nobody signed. */
  signature?: string | true;
}

/** That a backup was verified: the object's own content is verified.json, or nothing where that was taken back. */
export interface VerifiedEntry {
  kind: 'verified';
  /** sha256 of the backup.json that was verified. */
  backup: string;
  verification: Content;
  /** Milliseconds since 1970; the latest of several counts. */
  at: number;
  /** Absent where it did not fit into the name, or there is none any more. */
  note?: VerificationNote;
}

export type CatalogEntry = BackupEntry | VerifiedEntry;

const VERSION = 1;
/** Servers that keep objects as files take 255 bytes between two slashes. */
const SEGMENT = 200;
/** A claim is a few hundred bytes; this bounds what a forged name unpacks to. */
const MAX_CLAIMS = 64 * 1024;
const CHECK_BYTES = 8;
const DIGEST_BYTES = 32;

/**
 * The name of an entry, below the folder of its backup in the catalog: what a listing shows, so that listing takes no
 * look into any object. "backup.1.", then base64url of: the check, two digests, and what else it says as deflated JSON.
 * @param room how many characters it may have; what is optional is left out where it does not fit.
 */
export function entryName(entry: CatalogEntry, address: BackupAddress, room: number): string | undefined {
  return claimsOf(entry)
    .map((claims) => nameFor(entry, claims, address))
    .find((name) => name.length <= room);
}

/**
 * What such a name says; undefined where it is the name of something else.
 * @throws Damage where it is one of ours, and is not as it was written, or was written for another backup.
 */
export function readEntryName(name: string, address: BackupAddress): CatalogEntry | undefined {
  const [, kind, version, text = ''] = /^(backup|verified)\.(\d+)\.(.*)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  if (Number(version) !== VERSION)
    throw new Damage(`its entry in the catalog is of version ${version}, which this tool does not know`, {
      unreadable: true,
    });
  const bytes = Buffer.from(text.replaceAll('/', ''), 'base64url');
  const said = bytes.subarray(CHECK_BYTES);
  if (
    bytes.length < CHECK_BYTES + 2 * DIGEST_BYTES ||
    !checkOf(kind, said, address).equals(bytes.subarray(0, CHECK_BYTES))
  )
    throw new Damage('its entry in the catalog is not as it was written, or is of another backup');
  const [first, second] = [said.subarray(0, DIGEST_BYTES), said.subarray(DIGEST_BYTES, 2 * DIGEST_BYTES)];
  const claims = unpack(said.subarray(2 * DIGEST_BYTES));
  const entry = entryOf(kind, [first.toString('hex'), second.toString('hex')], claims);
  if (entry === undefined) throw new Damage('its entry in the catalog does not say what it should');
  return entry;
}

/** All that it says, then less and less. */
function claimsOf(entry: CatalogEntry): unknown[][] {
  if (entry.kind === 'verified') {
    const { at, verification, note } = entry;
    return [...(note === undefined ? [] : [[at, verification.size, note]]), [at, verification.size]];
  }
  const { archive, document, summary = null, signature } = entry;
  const sizes = [archive.size, document.size];
  if (signature === undefined) return [...(summary === null ? [] : [[...sizes, summary]]), sizes];
  const body = signature === true ? undefined : bodyOf(signature);
  return [
    ...(body === undefined ? [] : [[...sizes, summary, body]]),
    [...sizes, summary, true],
    [...sizes, null, true],
  ];
}

/** The base64 in its armor; undefined where it would not come out of it again as it was. */
function bodyOf(signature: string): string | undefined {
  const body = signature.split('\n').slice(1, -2).join('');
  return armored(body) === signature ? body : undefined;
}

function entryOf(
  kind: string,
  [first, second]: [string, string],
  claims: unknown[],
): CatalogEntry | undefined {
  const [a, b, optional, signature] = claims;
  const rest = optional ?? undefined;
  if (!isCount(a) || !isCount(b)) return undefined;
  if (kind === 'backup') {
    if (rest !== undefined && !hasOutlineOfSummary(rest)) return undefined;
    const signed = typeof signature === 'string' ? armored(signature) : signature === true ? true : undefined;
    return {
      kind,
      archive: { size: a, sha256: first },
      document: { size: b, sha256: second },
      ...(rest === undefined ? {} : { summary: rest }),
      ...(signed === undefined ? {} : { signature: signed }),
    };
  }
  if (rest !== undefined && !hasOutlineOfNote(rest)) return undefined;
  return {
    kind: 'verified',
    at: a,
    backup: first,
    verification: { size: b, sha256: second },
    ...(rest === undefined ? {} : { note: rest }),
  };
}

function nameFor(entry: CatalogEntry, claims: unknown[], address: BackupAddress): string {
  const digests =
    entry.kind === 'backup'
      ? [entry.archive.sha256, entry.document.sha256]
      : [entry.backup, entry.verification.sha256];
  const json = JSON.stringify(claims);
  const said = Buffer.concat([
    Buffer.from(digests.join(''), 'hex'),
    deflateRawSync(json, { level: 9, dictionary: DICTIONARY }),
  ]);
  const text = Buffer.concat([checkOf(entry.kind, said, address), said]).toString('base64url');
  const pieces = text.match(new RegExp(`.{1,${SEGMENT}}`, 'g')) ?? [];
  return `${entry.kind}.${VERSION}.${pieces.join('/')}`;
}

function unpack(bytes: Buffer): unknown[] {
  try {
    const json = inflateRawSync(bytes, { dictionary: DICTIONARY, maxOutputLength: MAX_CLAIMS });
    const claims: unknown = JSON.parse(json.toString());
    return Array.isArray(claims) ? claims : [];
  } catch {
    return [];
  }
}

/** Binds a name to its backup: one that was copied to another says nothing there. */
function checkOf(kind: string, said: Buffer, address: BackupAddress): Buffer {
  const text = [kind, ...addressParts(address), said.toString('base64url')].join('\n');
  return Buffer.from(sha256(text), 'hex').subarray(0, CHECK_BYTES);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
