import { ToolError } from '../../errors/tool-error.ts';
import { compareIds } from '../../model/records/backup-id.ts';
import { type JournalEntry, type ListedJournal, linesOf } from '../../model/records/journal.ts';
import {
  type BackupAddress,
  type BackupReader,
  type JournalStore,
  type JournalWriter,
  keepsJournals,
  type ReleaseAddress,
  type Store,
} from '../store.ts';
import { UnwritableStore } from '../store-error.ts';

const UNTOUCHED = 'the cluster was not changed, because this could not have been undone';

/** Told when something goes to the fallback, or can't be looked for there: one line for a person. */
export type OnFallback = (line: string) => void;

/**
 * What a restore keeps for its undo: its journal and the safety backup. They lie in the store where that takes journals,
 * which a folder does; where it can't be written, in the fallback, the user's state folder. Where the store takes none
 * they lie in the state folder from the start. A journal lies in one place at a time: when the store stops taking it, all
 * of it goes to the fallback, and stays there.
 */
export class UndoStore {
  /** Where backups are. */
  readonly store: Store;
  readonly #stateFolder: JournalStore | undefined;
  readonly #primary: JournalStore | undefined;
  readonly #fallback: JournalStore | undefined;
  readonly #onFallback: OnFallback;
  readonly #told = new Set<string>();

  /** @param stateFolder undefined where the user has none. */
  constructor(store: Store, stateFolder: JournalStore | undefined, onFallback: OnFallback) {
    this.store = store;
    this.#stateFolder = stateFolder;
    [this.#primary, this.#fallback] = keepsJournals(store) ? [store, stateFolder] : [stateFolder, undefined];
    this.#onFallback = onFallback;
  }

  /** Where undo data lies because the store takes no journals at all; undefined where it lies in the store. */
  get elsewhere(): string | undefined {
    return this.#primary === this.store ? undefined : this.#primary?.location;
  }

  /** Writes to the place of undo data. @throws ToolError where none can be written. */
  async save<T>(what: string, write: (store: JournalStore) => Promise<T>): Promise<T> {
    const primary = this.#primaryFor(what);
    try {
      return await write(primary);
    } catch (error) {
      return await this.#insteadOf(error, what, write);
    }
  }

  /**
   * The backup, from where it lies.
   * @param digest of its backup.json: one in the fallback may have the id of another in the store, of the same second.
   * @throws as Store.open does, of the store.
   */
  async open(address: BackupAddress, digest?: string): Promise<BackupReader> {
    const inStore = await this.store.open(address).catch((error: unknown) => {
      if (!(error instanceof ToolError)) throw error;
      return error;
    });
    const isFound = !(inStore instanceof ToolError);
    if (isFound && (digest === undefined || inStore.digest === digest)) return inStore;
    const fallback = await this.#stateFolder?.open(address).catch(() => undefined);
    // Neither is it: whoever asked by its digest says so.
    if (isFound) return fallback?.digest === digest && fallback !== undefined ? fallback : inStore;
    if (fallback === undefined) throw inStore;
    return fallback;
  }

  /** Every journal of a release, oldest first, wherever it lies. @throws UnreachableError as Store.journals does. */
  async journals(release: ReleaseAddress): Promise<ListedJournal[]> {
    const [inStore, fallback] = await Promise.all([
      this.#primary?.journals(release) ?? [],
      this.#journalsInFallback(release),
    ]);
    // Also where it is damaged: one in the fallback counts, for the store's stops in the middle.
    const byId = new Map([...inStore, ...fallback].map((journal) => [journal.id, journal]));
    return [...byId.values()].sort((a, b) => compareIds(a.id, b.id));
  }

  /**
   * Starts the journal `id` of a release, or goes on with it.
   * @throws ToolError, here or from `append`, where neither place can be written.
   */
  async openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter> {
    const isInFallback = (await this.#journalsInFallback(release)).some((journal) => journal.id === id);
    if (isInFallback) return this.#fallback!.openJournal(release, id);
    const written: JournalEntry[] = [];
    const moved = (error: unknown): Promise<JournalWriter> =>
      this.#insteadOf(error, 'journal', (fallback) => this.#move(release, id, { fallback, written }));
    let writer = await this.#primaryFor('journal').openJournal(release, id).catch(moved);
    let last: Promise<void> = Promise.resolve();
    return {
      get location() {
        return writer.location;
      },
      append: (entry: JournalEntry) => {
        last = last.then(() =>
          writer
            .append(entry)
            .catch(async (error: unknown) => {
              writer = await moved(error);
              await writer.append(entry);
            })
            .then(() => void written.push(entry)),
        );
        return last;
      },
    };
  }

  /** What can't be read there was not written there either; a store that works goes on without. */
  async #journalsInFallback(release: ReleaseAddress): Promise<ListedJournal[]> {
    try {
      return (await this.#fallback?.journals(release)) ?? [];
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#tell(`${error.message}; journals are looked for in ${this.store.location} alone`);
      return [];
    }
  }

  #tell(line: string): void {
    if (!this.#told.has(line)) this.#onFallback(line);
    this.#told.add(line);
  }

  /**
   * The journal as far as the store took it, written again to the fallback, line by line, so that its chain is the same.
   * @param written what was appended since it was opened: all of it, where it was started then.
   */
  async #move(
    release: ReleaseAddress,
    id: string,
    { fallback, written }: { fallback: JournalStore; written: JournalEntry[] },
  ): Promise<JournalWriter> {
    const lines = written[0]?.type === 'start' ? [...written] : await this.#linesInStore(release, id);
    const writer = await fallback.openJournal(release, id);
    for (const entry of lines) await writer.append(entry);
    return writer;
  }

  /**
   * Nothing where the store can't even be read: then it took nothing that is known here.
   * @throws ToolError where it is there and is damaged: what goes on without its plan, nobody could undo.
   */
  async #linesInStore(release: ReleaseAddress, id: string): Promise<JournalEntry[]> {
    const listed = await this.#primary?.journals(release).catch(() => []);
    const found = listed?.find((journal) => journal.id === id);
    if (found?.damage !== undefined) {
      throw new ToolError(`the journal ${found.location} can't be gone on with: ${found.damage}`, {
        untouched: 'nothing was done that it does not hold',
      });
    }
    return found?.journal === undefined ? [] : linesOf(found.journal);
  }

  #primaryFor(what: string): JournalStore {
    if (this.#primary !== undefined) return this.#primary;
    throw new NoUndoStore(
      `there is no place for its ${what}: the store ${this.store.location} takes none, and there is no home folder`,
      {
        untouched: UNTOUCHED,
        next: 'name a folder for it: export XDG_STATE_HOME=/a/folder/of/yours',
      },
    );
  }

  async #insteadOf<T>(
    error: unknown,
    what: string,
    write: (fallback: JournalStore) => Promise<T>,
  ): Promise<T> {
    if (!(error instanceof UnwritableStore)) throw error;
    const fallback = this.#fallback;
    if (fallback === undefined) throw nowhere(what, [error]);
    try {
      const written = await write(fallback);
      this.#tell(`${error.message}; its ${what} is kept in ${fallback.location}`);
      return written;
    } catch (second) {
      throw second instanceof UnwritableStore ? nowhere(what, [error, second]) : second;
    }
  }
}

function nowhere(what: string, errors: UnwritableStore[]): ToolError {
  const [first] = errors;
  return new NoUndoStore(
    `there is no place for its ${what}: ${errors.map(({ message }) => message).join('; ')}`,
    {
      untouched: UNTOUCHED,
      ...(first?.next === undefined ? {} : { next: first.next }),
      cause: first,
    },
    first?.exitCode,
  );
}

/** Neither the store nor the state folder can be written: what is done now could not be undone. */
export class NoUndoStore extends ToolError {}
