import type { ListedBackup } from '../store/store.ts';

/** All that a store holds. */
export interface StoreTotal {
  location: string;
  /** How many, damaged and safety ones among them. */
  backups: number;
  /** Of their files but backup.json, unpacked; of those whose summary can be read. */
  bytes: number;
}

/** @param listed everything; a folder that can't be looked into is no backup. */
export function totalOf(listed: readonly ListedBackup[], location: string): StoreTotal {
  const backups = listed.filter(({ address }) => address.id !== '');
  return {
    location,
    backups: backups.length,
    bytes: backups.reduce((sum, { summary }) => sum + (summary?.bytes ?? 0), 0),
  };
}
