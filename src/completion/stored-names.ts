import { compareIds } from '../model/records/backup-id.ts';
import type { BackupAddress } from '../store/store.ts';

/** Where backups of a release are, by names alone. */
export type StoredRelease = Pick<BackupAddress, 'cluster' | 'namespace' | 'release'>;

/** Which of them are meant: any where a part is undefined. */
export interface StoredFilter {
  cluster?: string | undefined;
  namespace?: string | undefined;
  release?: string | undefined;
}

/** What an id is of: a backup, a restore that may be undone, a snapshot of a cache. */
export type StoredKind = 'backups' | 'restores' | 'snapshots';

/** What a store holds, as far as names tell: nothing of it was opened. Never throws; what can't be told is left out. */
export interface StoredNames {
  clusters(): Promise<string[]>;
  releases(filter: StoredFilter): Promise<StoredRelease[]>;
  /** Newest first. */
  ids(kind: StoredKind, filter: StoredFilter): Promise<{ cluster: string; id: string }[]>;
}

export const NO_NAMES: StoredNames = {
  clusters: async () => [],
  releases: async () => [],
  ids: async () => [],
};

export function newestFirst<T extends { id: string }>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => compareIds(b.id, a.id));
}

/** The same of one cluster alone. */
export function inCluster(names: StoredNames, cluster: string): StoredNames {
  return {
    clusters: () => names.clusters(),
    releases: (filter) => names.releases({ ...filter, cluster }),
    ids: (kind, filter) => names.ids(kind, { ...filter, cluster }),
  };
}
