import { mapLimited } from '../errors/map-limited.ts';
import { ToolError } from '../errors/tool-error.ts';
import { isHealthy } from '../model/records/backup-health.ts';
import { isUnfinished, type Journal, type ListedJournal } from '../model/records/journal.ts';
import type { Holding } from '../model/retention/retention.ts';
import { errnoOf } from '../store/errno.ts';
import { isHollow, unfit } from '../store/find/latest-backups.ts';
import {
  type BackupAddress,
  type JournalStore,
  keepsJournals,
  type ListedBackup,
  type ReleaseAddress,
  type Store,
} from '../store/store.ts';

/** Where backups lie, and the safety backups and journals that the store does not take. */
export interface Places {
  store: Store;
  stateFolder: JournalStore | undefined;
}

/** A backup, and where it can be taken away. */
export interface StoredHolding extends Holding {
  store: Store;
  backup: ListedBackup;
}

/** A journal, and where it lies. */
export interface StoredJournal {
  store: JournalStore;
  listed: ListedJournal;
}

/** All that is kept of one release in one cluster's folder. */
export interface ReleaseHoldings {
  address: ReleaseAddress;
  holdings: StoredHolding[];
  /** Oldest first in each place. */
  journals: StoredJournal[];
}

/** Releases whose journals are read at once. */
const AT_ONCE = 4;

/**
 * What is kept of each release, in order of namespace, name and cluster.
 * @param onUnread told of what could not be looked at: a line for a person.
 * @throws UnreachableError as Store.list does, of the store.
 */
export async function readHoldings(
  places: Places,
  filter: Partial<BackupAddress>,
  onUnread: (line: string) => void,
): Promise<ReleaseHoldings[]> {
  const { store, stateFolder } = places;
  const [listed, safety] = await Promise.all([store.list(filter), listSafety(places, filter, onUnread)]);
  for (const { location, damage } of listed.filter(({ address }) => address.id === ''))
    onUnread(`${location} could not be looked into: ${damage}`);
  const found = [
    ...listed.map((backup) => ({ store, backup })),
    ...safety.map((backup) => ({ store: stateFolder as Store, backup })),
  ].filter(({ backup }) => backup.address.id !== '');
  const releases = Map.groupBy(found, ({ backup: { address } }) =>
    [address.namespace, address.release, address.cluster].join('/'),
  );
  const ordered = [...releases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return mapLimited(ordered, AT_ONCE, async (each) => {
    const { cluster, namespace, release } = each[0]!.backup.address;
    const address = { cluster, namespace, release };
    const journals = await journalsOf(places, address);
    return { address, holdings: holdingsOf(each, places, neededBy(journals)), journals: journals ?? [] };
  });
}

/** The safety backups in the state folder, of restores from stores that take none, or could not be written. */
export async function listSafety(
  { store, stateFolder }: Places,
  filter: Partial<BackupAddress>,
  onUnread: (line: string) => void,
): Promise<ListedBackup[]> {
  if (stateFolder === undefined || stateFolder.location === store.location) return [];
  try {
    return await stateFolder.list(filter);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // Where it does not exist, nothing was kept there yet.
    if (errnoOf(error.cause) !== 'ENOENT') onUnread(`safety backups were not looked for: ${error.message}`);
    return [];
  }
}

function holdingsOf(
  found: readonly { store: Store; backup: ListedBackup }[],
  { store: main }: Places,
  needs: Needs,
): StoredHolding[] {
  const isSolid = ({ store, backup }: (typeof found)[number]): boolean =>
    store === main && unfit(backup) === undefined && !isHollow(backup);
  const anySolid = found.some(isSolid);
  return found.map(({ store, backup }) => {
    const hollow = anySolid && isHollow(backup) ? 'holds nothing of memcached' : undefined;
    const flaw = unfit(backup) ?? hollow;
    const standing = standingOf(backup, { isMain: store === main, isFlawed: flaw !== undefined });
    const needed = needs(backup.address.id, standing);
    return {
      id: backup.address.id,
      standing,
      ...(flaw === undefined ? {} : { flaw }),
      verified: backup.damage === undefined && backup.verification !== undefined,
      healthy: backup.summary !== undefined && isHealthy(backup.summary),
      ...(needed === undefined ? {} : { needed }),
      store,
      backup,
    };
  });
}

function standingOf(
  { summary, unreadable }: ListedBackup,
  { isMain, isFlawed }: { isMain: boolean; isFlawed: boolean },
): Holding['standing'] {
  if (unreadable === true) return 'unreadable';
  if (!isMain || summary?.kind === 'safety') return 'safety';
  return isFlawed ? 'flawed' : 'good';
}

/** @returns undefined where they can't be read. */
async function journalsOf(
  { store, stateFolder }: Places,
  address: ReleaseAddress,
): Promise<StoredJournal[] | undefined> {
  const stores = new Set([
    ...(keepsJournals(store) ? [store] : []),
    ...(stateFolder === undefined ? [] : [stateFolder]),
  ]);
  try {
    const read = [...stores].map(async (each) =>
      (await each.journals(address)).map((listed) => ({ store: each, listed })),
    );
    return (await Promise.all(read)).flat();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}

/** Why a backup is needed; undefined where it is not. */
type Needs = (id: string, standing: Holding['standing']) => string | undefined;

/** What journals of restores that did not end need; where one can't be read, it may need any safety backup. */
function neededBy(journals: readonly StoredJournal[] | undefined): Needs {
  const isUnread = journals === undefined || journals.some(({ listed }) => listed.damage !== undefined);
  const ids = new Set(
    (journals ?? []).flatMap(({ listed: { journal } }) =>
      journal !== undefined && isUnfinished(journal) ? idsIn(journal) : [],
    ),
  );
  return (id, standing) => {
    if (ids.has(id)) return 'a restore that did not end needs it';
    return isUnread && standing === 'safety' ? 'a journal that can not be read may need it' : undefined;
  };
}

/** The state before, what is restored, and what the restores were to that it took up. */
function idsIn({ start: { safety, plan, earlier } }: Journal): string[] {
  return [...(safety === null ? [] : [safety.id]), plan.backup.id, ...(earlier ?? []).map(({ id }) => id)];
}
