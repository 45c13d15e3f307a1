import { ToolError } from '../../errors/tool-error.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import type { BackupAddress, ReleaseAddress } from '../store.ts';

export const DOCUMENT = 'backup.json';
export const CHECKSUM = 'backup.json.sha256';

/** Who vouches for backup.json: a signature as `ssh-keygen -Y sign` writes it. */
export const SIGNATURE = 'backup.json.sig';

/** Added to a backup later by `verify`; not one of its own files. */
export const VERIFIED = 'verified.json';

/** All files of a sealed backup but this and the runbook: a tar, compressed, and encrypted with age. */
export const SEALED = 'sealed.tar.gz.age';

/** How to restore the backup by hand. */
export const RUNBOOK = 'RUNBOOK.md';

/** In the archive of a sealed backup, and where somebody unpacked one: the public keys that it was sealed to. */
export const SEALED_TO = 'sealed-to.txt';

/** Names the store writes itself; a backup's own files can't have them. */
export const RESERVED = new Set([DOCUMENT, CHECKSUM, SIGNATURE, VERIFIED, SEALED_TO]);

/** The largest backup.json a reader loads: the entries of some fifty thousand files. A listing reads many at once. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/**
 * The largest journal that is written or read. It holds each object twice at most, as it was and as it is to be: those
 * of a Helm release, whose record has at most 1 MiB, compressed. The journals of ordinary releases have some 100 KiB.
 */
export const MAX_JOURNAL_BYTES = 64 * 1024 * 1024;

/** The largest file a reader loads. etcd refuses objects over 1.5 MiB, so a whole history stays far below. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * A folder's name within the store: what Kubernetes and Helm allow in names, and what people call clusters
 * (upper case, "_"). Everything else in a store is foreign and is passed over; so are hidden folders.
 */
const FOLDER_NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9._]*[A-Za-z0-9])?$/;

export function isFolderName(name: string): boolean {
  return name.length <= 253 && FOLDER_NAME.test(name);
}

/** The folders from the store to the backup. @throws Error (a defect) where `id` is none; ToolError as releaseParts. */
export function addressParts(address: BackupAddress): [string, string, string, string] {
  if (!isBackupId(address.id)) throw new Error(`"${address.id}" is not a backup id`);
  return [...releaseParts(address), address.id];
}

/** The folders from the store to a release's backups. @throws ToolError where a part can't be a folder's name. */
export function releaseParts({ cluster, namespace, release }: ReleaseAddress): [string, string, string] {
  for (const part of [cluster, namespace, release]) {
    if (isFolderName(part)) continue;
    // What a cluster holds is checked where it is read; this is for what nobody thought of: the others go on.
    throw new ToolError(
      `"${part}" can not be a folder of a store (cluster ${cluster}, namespace ${namespace}, release ${release})`,
      { untouched: `nothing of ${release} was saved` },
    );
  }
  return [cluster, namespace, release];
}

const INNER_PATH =
  /^(?!\.\.?(?:\/|$))[^\\/\u0000-\u001f\u007f]+(?:\/(?!\.\.?(?:\/|$))[^\\/\u0000-\u001f\u007f]+)*$/;

/**
 * Whether `path` can name a file inside a backup: relative, "/" only, no "." or ".." (hidden files are
 * ordinary: a chart has a .helmignore), no control characters, and none of the store's own names. Readers
 * refuse every other path: a backup that someone changed must not make them open files elsewhere.
 */
export function isInnerPath(path: string): boolean {
  return path.length <= 1024 && !RESERVED.has(path) && INNER_PATH.test(path);
}
