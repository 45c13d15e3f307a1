import type { BackupAddress } from './store.ts';

const PARTS = ['cluster', 'namespace', 'release', 'id'] as const;

/** Whether an address has the parts that are given. */
export function isWithin(address: BackupAddress, filter: Partial<BackupAddress>): boolean {
  return PARTS.every((part) => filter[part] === undefined || filter[part] === address[part]);
}
