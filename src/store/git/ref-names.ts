import { isBackupId } from '../../model/records/backup-id.ts';
import { addressParts, isFolderName } from '../format/layout.ts';
import type { BackupAddress } from '../store.ts';

/** What a tag of ours says of a backup: that it is there, or what `verify` noted of it, for the Nth time. */
export type TagName =
  | { kind: 'backup'; address: BackupAddress }
  | { kind: 'verified'; address: BackupAddress; number: number };

const TAGS = 'refs/tags/';

/** Where the tags of this kind begin: "refs/tags/backup/DIR/". */
export function tagsBelow(kind: TagName['kind'], path: string): string {
  return `${TAGS}${kind}/${path === '' ? '' : `${path}/`}`;
}

/** The ref of the tag that makes a backup: "refs/tags/backup/DIR/CLUSTER/NAMESPACE/RELEASE/ID". */
export function backupRef(address: BackupAddress, path: string): string {
  return `${tagsBelow('backup', path)}${addressParts(address).map(encode).join('/')}`;
}

/** The ref of the Nth note of `verify`; each is a new one, for a tag is never moved. */
export function verifiedRef(address: BackupAddress, path: string, number: number): string {
  return `${tagsBelow('verified', path)}${addressParts(address).map(encode).join('/')}/${number}`;
}

/** What a ref names; undefined where it is somebody else's. */
export function readRef(ref: string, path: string): TagName | undefined {
  for (const kind of ['backup', 'verified'] as const) {
    const below = tagsBelow(kind, path);
    if (!ref.startsWith(below)) continue;
    const [cluster = '', namespace = '', release = '', id = '', number, ...more] = ref
      .slice(below.length)
      .split('/')
      .map((part) => part.replaceAll('%2E', '.'));
    if (![cluster, namespace, release].every(isFolderName) || !isBackupId(id) || more.length > 0)
      return undefined;
    const address = { cluster, namespace, release, id };
    // A second name for a backup, with a dot in the other spelling, is none: it would outlive the backup's removal.
    const own = kind === 'backup' ? backupRef(address, path) : verifiedRef(address, path, Number(number));
    if (ref !== own) return undefined;
    if (kind === 'backup') return number === undefined ? { kind, address } : undefined;
    return /^[1-9]\d{0,8}$/.test(number ?? '') ? { kind, address, number: Number(number) } : undefined;
  }
  return undefined;
}

/** git-check-ref-format(1) takes neither ".." nor ".lock" at an end, and names of clusters may hold both. */
function encode(part: string): string {
  return part.replaceAll('..', '.%2E').replace(/\.lock$/, '%2Elock');
}
