import { isDeepStrictEqual } from 'node:util';
import type { BackupDocument, Sealing } from '../../model/records/backup-format.ts';

/**
 * Whether both say to be the same backup, sealed or not, to whomever: everything is the same but the files that it lies in.
 * It was begun in the same millisecond and took as long.
 */
export function isSameBackup(a: BackupDocument, b: BackupDocument): boolean {
  return isDeepStrictEqual(withoutSealing(a), withoutSealing(b));
}

/**
 * Whether `earlier`, of the id `since`, says all that `later` says but when it was taken: its archive is that of both.
 */
export function isUnchangedSince(since: string, earlier: BackupDocument, later: BackupDocument): boolean {
  return (
    withoutSuffix(earlier.id) === withoutSuffix(since) &&
    isDeepStrictEqual(withoutTime(earlier), withoutTime(later))
  );
}

/** What a backup says of its release, whenever it was taken, and of no files. */
export function withoutTime(document: BackupDocument): object {
  const {
    formatVersion: _1,
    sealed: _2,
    files: _3,
    id: _4,
    startedAt: _5,
    durationMs: _6,
    ...rest
  } = document;
  return rest;
}

/** Whether it is sealed to the very same ones; neither is sealed where both are undefined. */
export function isSameSealing(a: Sealing | undefined, b: Sealing | undefined): boolean {
  return isDeepStrictEqual(recipientsOf(a), recipientsOf(b));
}

/** The id may have got a suffix after the archive was sealed. */
function withoutSealing({ formatVersion: _1, sealed: _2, files: _3, id, ...rest }: BackupDocument): object {
  return { ...rest, id: withoutSuffix(id) };
}

/** As it was before a store gave it a suffix, because it was taken. */
export function withoutSuffix(id: string): string {
  return id.replace(/-\d+$/, '');
}

/** Whether it is sealed to the very same ones, as far as that can be told: of a passphrase it can't. */
export function isSealedFor(wanted: Sealing | undefined, sealed: Sealing | undefined): boolean {
  const isByPassphrase = wanted?.recipients.some(({ type }) => type === 'passphrase') ?? false;
  return !isByPassphrase && isSameSealing(wanted, sealed);
}

function recipientsOf(sealing: Sealing | undefined): string[] | undefined {
  return sealing?.recipients
    .map((recipient) =>
      recipient.type === 'passphrase' ? recipient.type : `${recipient.type} ${recipient.fingerprint}`,
    )
    .sort();
}
