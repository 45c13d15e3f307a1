import { addressParts } from '../format/layout.ts';
import type { BackupAddress } from '../store.ts';

export const ARCHIVE = 'backup.tar.gz';

/** The key of a backup's archive, below the prefix of the store. It is the same for whoever writes that id. */
export function archiveKey(address: BackupAddress): string {
  return [...addressParts(address), ARCHIVE].join('/');
}
