import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { JournalEntry } from '../../../../src/model/records/journal.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { NoUndoStore, UndoStore } from '../../../../src/store/journal/undo-store.ts';
import type { JournalWriter, Store } from '../../../../src/store/store.ts';
import { UnwritableStore } from '../../../../src/store/store-error.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startLine } from './sample-journal.ts';

const { id: _id, ...RELEASE } = ADDRESS;
const REF = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
const START = startLine();
const intent = (action: string): JournalEntry => ({ type: 'will', at: '', action, ref: REF });

/** A store whose journals take this many more lines, and then meet a full disk. */
class FillingStore extends FolderStore {
  linesLeft: number;
  constructor(location: string, linesLeft: number) {
    super(location);
    this.linesLeft = linesLeft;
  }
  override async openJournal(...args: Parameters<FolderStore['openJournal']>): Promise<JournalWriter> {
    const writer = await super.openJournal(...args);
    return {
      location: writer.location,
      append: async (entry) => {
        if (this.linesLeft-- <= 0)
          throw new UnwritableStore(`can't write to the store ${this.location}`, {}, true);
        await writer.append(entry);
      },
    };
  }
}

/** A folder below a file can't be made. */
async function unwritable(t: TestContext): Promise<FolderStore> {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  return new FolderStore(join(file, 'store'));
}

/** A store of another kind: backups alone. */
function withoutJournals(folder: FolderStore): Store {
  return {
    location: folder.location,
    flags: folder.flags,
    save: (...args) => folder.save(...args),
    list: (filter) => folder.list(filter),
    open: (address) => folder.open(address),
    remove: (address) => folder.remove(address),
    sweep: (release) => folder.sweep(release),
    condition: () => folder.condition(),
    exposed: (release) => folder.exposed(release),
    releaseFiles: (release) => folder.releaseFiles(release),
  };
}

interface Places {
  store: Store;
  fallback: FolderStore | undefined;
}

function undoStoreOf({ store, fallback }: Places): { undoStore: UndoStore; said: string[] } {
  const said: string[] = [];
  return { undoStore: new UndoStore(store, fallback, (line) => said.push(line)), said };
}

describe('what a restore keeps for its undo', () => {
  test('lies in the store, and nothing in the fallback', async (t) => {
    const store = new FolderStore(await temporaryFolder(t));
    const fallback = new FolderStore(join(await temporaryFolder(t), 'none'));
    const { undoStore, said } = undoStoreOf({ store, fallback });
    await (await undoStore.openJournal(RELEASE, START.id)).append(START);
    assert.equal((await store.journals(RELEASE)).length, 1);
    assert.deepEqual(await fallback.journals(RELEASE), []);
    assert.deepEqual(said, []);
  });

  test('lies in the fallback where the store can not be written, with one warning; and is found there', async (t) => {
    const fallback = new FolderStore(await temporaryFolder(t));
    const store = new FillingStore(await temporaryFolder(t), 0);
    const { undoStore, said } = undoStoreOf({ store, fallback });
    const journal = await undoStore.openJournal(RELEASE, START.id);
    await journal.append(START);
    await journal.append(intent('create'));
    assert.match(said.join('\n'), /^can't write to the store [^\n]*; its journal is kept in [^\n]*$/);
    const [found] = await undoStoreOf({ store, fallback }).undoStore.journals(RELEASE);
    assert.deepEqual(found?.journal?.entries, [START, intent('create')]);
    assert.deepEqual(await store.journals(RELEASE), []);
  });

  test('goes to the fallback as a whole when the store stops taking it, and is gone on with there', async (t) => {
    for (const taken of [1, 2, 3]) {
      const store = new FillingStore(await temporaryFolder(t), taken);
      const fallback = new FolderStore(await temporaryFolder(t));
      const { undoStore, said } = undoStoreOf({ store, fallback });
      const start = startLine({ carried: [{ type: 'will', at: '', action: 'delete', ref: REF }] });
      const journal = await undoStore.openJournal(RELEASE, start.id);
      await Promise.all(
        [start, intent('create'), intent('replace'), intent('recreate')].map((entry) =>
          journal.append(entry),
        ),
      );
      store.linesLeft = 100; // Somebody made room.
      await (await undoStore.openJournal(RELEASE, start.id)).append({ type: 'end', at: '', outcome: 'done' });

      const journals = await undoStore.journals(RELEASE);

      assert.equal(journals.length, 1);
      assert.deepEqual(
        journals[0]?.journal?.entries.map((entry) => ('action' in entry ? entry.action : entry.type)),
        ['start', 'delete', 'create', 'replace', 'recreate', 'end'],
      );
      assert.equal(said.length, 1);
    }
  });

  test('lies in the state folder where the store takes no journals, without a word, and is found there', async (t) => {
    const store = withoutJournals(new FolderStore(await temporaryFolder(t)));
    const fallback = new FolderStore(await temporaryFolder(t));
    const { undoStore, said } = undoStoreOf({ store, fallback });
    await (await undoStore.openJournal(RELEASE, START.id)).append(START);
    const saved = await undoStore.save('safety backup', (place) => writeSample(place));
    assert.equal((await fallback.journals(RELEASE)).length, 1);
    assert.deepEqual(await store.list({}).catch(() => []), []);
    assert.equal((await undoStore.journals(RELEASE)).length, 1);
    assert.equal((await undoStore.open(ADDRESS, saved.digest)).digest, saved.digest);
    assert.deepEqual(said, []);
    const homeless = undoStoreOf({ store, fallback: undefined }).undoStore;
    assert.deepEqual(await homeless.journals(RELEASE), []);
    await assert.rejects(homeless.openJournal(RELEASE, START.id), NoUndoStore);
    await assert.rejects(homeless.save('safety backup', writeSample), NoUndoStore);
  });

  test('has no place where neither can be written, or where there is no state folder', async (t) => {
    for (const fallback of [await unwritable(t), undefined]) {
      const { undoStore } = undoStoreOf({ store: await unwritable(t), fallback });
      await assert.rejects(undoStore.openJournal(RELEASE, START.id), NoUndoStore);
      await assert.rejects(
        undoStore.save('safety backup', (store) => writeSample(store)),
        (error: NoUndoStore) => /no place for its safety backup/.test(error.message),
      );
    }
    const store = new FillingStore(await temporaryFolder(t), 1);
    const { undoStore } = undoStoreOf({ store, fallback: await unwritable(t) });
    const journal = await undoStore.openJournal(RELEASE, START.id);
    await journal.append(START);
    await assert.rejects(journal.append(intent('create')), NoUndoStore);
  });

  test('is looked for in the store alone where the state folder can not be read, with one warning', async (t) => {
    const store = new FolderStore(await temporaryFolder(t));
    const { undoStore, said } = undoStoreOf({ store, fallback: await unwritable(t) });
    await (await undoStore.openJournal(RELEASE, START.id)).append(START);
    assert.equal((await undoStore.journals(RELEASE)).length, 1);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /can't read the store .*; journals are looked for in .* alone/);
  });

  test('a safety backup is opened from where it lies', async (t) => {
    const fallback = new FolderStore(await temporaryFolder(t));
    const { undoStore, said } = undoStoreOf({ store: await unwritable(t), fallback });
    await undoStore.save('safety backup', (store) => writeSample(store));
    assert.match(said.join(), /its safety backup is kept in/);
    assert.equal((await undoStore.open(ADDRESS)).document.id, ADDRESS.id);
    await assert.rejects(
      undoStore.open({ ...ADDRESS, id: '20200101T000000Z' }),
      /the store .* can't|can't read/,
    );
  });

  test('a safety backup is told by its digest from another of the same second', async (t) => {
    const store = new FolderStore(await temporaryFolder(t));
    const fallback = new FolderStore(await temporaryFolder(t));
    const inStore = await writeSample(store);
    const inFallback = await writeSample(fallback, {}, { kind: 'safety' });
    const { undoStore } = undoStoreOf({ store, fallback });
    for (const { digest, location } of [inStore, inFallback]) {
      assert.equal((await undoStore.open(ADDRESS, digest)).location, location);
    }
    assert.equal((await undoStore.open(ADDRESS)).location, inStore.location);
    assert.equal((await undoStore.open(ADDRESS, '0'.repeat(64))).location, inStore.location);
  });

  test('another failure than an unwritable store is not hidden', async (t) => {
    const { undoStore } = undoStoreOf({
      store: await unwritable(t),
      fallback: new FolderStore(await temporaryFolder(t)),
    });
    const broken = async (): Promise<never> => {
      throw new TypeError('a defect');
    };
    await assert.rejects(undoStore.save('safety backup', broken), TypeError);
  });
});

test('what undoes a restore is elsewhere only where the store takes no journals', async (t) => {
  const [folder, state] = [await temporaryFolder(t), await temporaryFolder(t)];
  const [store, fallback] = [new FolderStore(folder), new FolderStore(state)];
  assert.equal(new UndoStore(store, fallback, () => {}).elsewhere, undefined);
  assert.equal(new UndoStore(withoutJournals(store), fallback, () => {}).elsewhere, state);
  assert.equal(new UndoStore(withoutJournals(store), undefined, () => {}).elsewhere, undefined);
});
