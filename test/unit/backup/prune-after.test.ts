import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { pruneAfter } from '../../../src/backup/prune-after.ts';
import type { RetentionRules } from '../../../src/model/retention/retention.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { BackupAddress, SavedBackup } from '../../../src/store/store.ts';
import { DeletionDenied } from '../../../src/store/store-error.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument, writeSample } from '../store/sample-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const RULES: RetentionRules = {
  keep: { last: 1 },
  keepMin: 2,
  keepSafety: { years: 0, months: 0, days: 7, hours: 0 },
};

function contextOf(store: FolderStore): CommandContext {
  return {
    io: createMemoryIO(),
    kube: () => assert.fail('what was just saved is there'),
    store: async () => store,
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
}

async function saved(store: FolderStore, overrides = {}): Promise<SavedBackup> {
  for (const id of ['20261101T020000Z', '20261102T020000Z', '20261103T020000Z'])
    await writeSample(store, { id });
  await writeSample(store, { release: 'other', id: '20261101T020000Z' });
  const id = '20261124T020000Z';
  return store.save({ ...ADDRESS, id }, sampleContent(SAMPLE_FILES, sampleDocument({ id }, overrides)));
}

async function idsOf(store: FolderStore, t: { release: string }): Promise<string[]> {
  return (await store.list(t)).map(({ address }) => address.id).sort();
}

async function aStore(t: TestContext): Promise<FolderStore> {
  return new FolderStore(await temporaryFolder(t));
}

test('after a good backup the older ones of its release go, and of no other', async (t) => {
  const store = await aStore(t);
  const [pruned] = await pruneAfter(await saved(store), RULES, contextOf(store));
  assert.equal(pruned?.removed, 2);
  assert.ok((pruned?.bytes ?? 0) > 0);
  assert.deepEqual(await idsOf(store, { release: 'cart' }), ['20261103T020000Z', '20261124T020000Z']);
  assert.equal((await idsOf(store, { release: 'other' })).length, 1);
});

test('after an incomplete backup nothing goes', async (t) => {
  const store = await aStore(t);
  assert.deepEqual(await pruneAfter(await saved(store, { complete: false }), RULES, contextOf(store)), []);
  assert.equal((await idsOf(store, { release: 'cart' })).length, 4);
});

test('what fails is handed back: the backup is saved', async (t) => {
  class Locked extends FolderStore {
    override async remove(address: BackupAddress): Promise<void> {
      throw new DeletionDenied(address.id, 'it is locked');
    }
  }
  const store = new Locked(await temporaryFolder(t));
  const [pruned] = await pruneAfter(await saved(store), RULES, contextOf(store));
  assert.equal(pruned?.removed, 0);
  assert.deepEqual(
    pruned?.failed.map(({ message }) => message),
    ['20261101T020000Z', '20261102T020000Z'].map((id) => `the backup ${id} can't be removed: it is locked`),
  );
});

test('what was just saved stays, also where it got the id of one that was removed in the same second', async (t) => {
  const store = await aStore(t);
  for (const id of ['20261124T020000Z-2', '20261124T020000Z-3']) await writeSample(store, { id });
  await pruneAfter(await saved(store), RULES, contextOf(store));
  assert.ok((await idsOf(store, { release: 'cart' })).includes('20261124T020000Z'));
});
