import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isBackupId } from '../model/records/backup-id.ts';
import { isFolderName } from '../store/format/layout.ts';
import { renamePatiently } from '../store/patient-rename.ts';
import { stateFolder } from '../store/state-folder.ts';
import type { BackupAddress } from '../store/store.ts';
import type { StorePlace } from './store-place.ts';
import { newestFirst, type StoredFilter, type StoredNames } from './stored-names.ts';

/** What a store far away was last seen to hold. */
export interface Listing extends StorePlace {
  /** Milliseconds since 1970. */
  at: number;
  addresses: readonly BackupAddress[];
}

/** A listing is good for so long: backups come and go. */
const GOOD_FOR_MS = 5 * 60_000;

/** A store of many releases is kept in part: the newest. */
const MOST_ADDRESSES = 5_000;

/** Some 100 bytes an address. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Stores whose listings are kept. */
const MOST_STORES = 20;

const ADDRESS = ['cluster', 'namespace', 'release', 'id'] as const;

/**
 * What the last commands found in stores that no completion asks (S3, Git, claims): one file each in the user's state folder, readable by
 * the user alone. It holds names alone, and whoever reads it checks each. Never throws: without it, nothing is completed.
 */
export class ListingCache {
  readonly #folder: string | undefined;
  readonly #now: () => number;

  constructor(env: NodeJS.ProcessEnv, now: () => number = Date.now) {
    const state = stateFolder(env);
    this.#folder = state === undefined ? undefined : join(state, '.completion');
    this.#now = now;
  }

  /** Undefined where nothing was listed lately. */
  async read(place: StorePlace): Promise<Listing | undefined> {
    if (this.#folder === undefined) return undefined;
    const listing = await this.#readFile(fileOf(place));
    return listing !== undefined && isSame(listing, place) ? listing : undefined;
  }

  /** The stores that were listed lately. */
  async locations(): Promise<string[]> {
    const folder = this.#folder;
    if (folder === undefined) return [];
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json')).slice(0, MOST_STORES);
    const listings = await Promise.all(files.map((name) => this.#readFile(name)));
    return listings.flatMap((listing) => listing?.location ?? []);
  }

  /**
   * Keeps what a store was found to hold.
   * @param filter what of it was asked for: what is known of the rest stays.
   */
  async write(
    { location, server }: StorePlace,
    found: readonly BackupAddress[],
    filter: Partial<BackupAddress> = {},
  ): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    try {
      const isWhole = Object.values(filter).every((part) => part === undefined);
      const before = isWhole ? undefined : await this.read({ location, server });
      const others = before?.addresses.filter((address) => !isMeant(address, filter)) ?? [];
      const addresses = newestFirst([...others, ...found]).slice(0, MOST_ADDRESSES);
      // What stays is as old as it was.
      const at = before?.at ?? this.#now();
      const listing: Listing = { location, server, at, addresses: addresses.map(plain) };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, fileOf(listing));
      const partial = `${file}.${randomUUID()}`;
      await writeFile(partial, JSON.stringify(listing), { mode: 0o600, flag: 'wx' });
      await renamePatiently(partial, file).catch(async (error: unknown) => {
        await rm(partial, { force: true });
        throw error;
      });
    } catch {
      // A full disk or a home that can't be written: completion then knows less.
    }
  }

  async #readFile(name: string): Promise<Listing | undefined> {
    try {
      const text = await readPlain(join(this.#folder ?? '', name));
      const { location, server, at, addresses } = JSON.parse(text) as Partial<Record<keyof Listing, unknown>>;
      if (typeof location !== 'string' || typeof at !== 'number' || !Array.isArray(addresses))
        return undefined;
      if (server !== undefined && typeof server !== 'string') return undefined;
      const age = this.#now() - at;
      if (age < -GOOD_FOR_MS || age > GOOD_FOR_MS) return undefined;
      return { location, server, at, addresses: addresses.slice(0, MOST_ADDRESSES).filter(isAddress) };
    } catch {
      return undefined;
    }
  }
}

/** The names of a listing. It tells of backups alone. */
export function namesIn({ addresses }: Listing): StoredNames {
  const meant = (filter: StoredFilter): BackupAddress[] =>
    addresses.filter((address) => isMeant(address, filter));
  return {
    clusters: async () => [...new Set(addresses.map(({ cluster }) => cluster))],
    releases: async (filter) => {
      const places = meant(filter).map(({ cluster, namespace, release }) => ({
        cluster,
        namespace,
        release,
      }));
      return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
    },
    ids: async (kind, filter) =>
      kind === 'backups' ? newestFirst(meant(filter).map(({ cluster, id }) => ({ cluster, id }))) : [],
  };
}

function isMeant(address: BackupAddress, filter: StoredFilter & { id?: string | undefined }): boolean {
  return ADDRESS.every((part) => filter[part] === undefined || filter[part] === address[part]);
}

function plain({ cluster, namespace, release, id }: BackupAddress): BackupAddress {
  return { cluster, namespace, release, id };
}

function isAddress(value: unknown): value is BackupAddress {
  if (typeof value !== 'object' || value === null) return false;
  const { cluster, namespace, release, id } = value as Record<string, unknown>;
  const names = [cluster, namespace, release].every((name) => typeof name === 'string' && isFolderName(name));
  return names && typeof id === 'string' && isBackupId(id);
}

function isSame(a: StorePlace, b: StorePlace): boolean {
  return a.location === b.location && a.server === b.server;
}

function fileOf({ location, server = '' }: StorePlace): string {
  const name = JSON.stringify([location, server]);
  return `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`;
}

/** O_NONBLOCK: a named pipe would be waited for. @throws Error where it is no file of ours, or too large. */
async function readPlain(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error('not a listing');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
