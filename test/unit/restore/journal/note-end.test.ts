import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { restore } from '../../../../src/commands/restore.ts';
import { undo } from '../../../../src/commands/undo.ts';
import type { JournalEntry } from '../../../../src/model/records/journal.ts';
import type { CommandContext } from '../../../../src/session/context.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import type { JournalWriter, ReleaseAddress } from '../../../../src/store/store.ts';
import { UnwritableStore } from '../../../../src/store/store-error.ts';
import {
  contextOf,
  copyOf,
  RESTORE,
  serverSince,
  storeWithBackup,
  UNDO,
} from '../../../support/released-model.ts';

const root = await mkdtemp(join(tmpdir(), 'memcached-backup-test-'));
after(() => rm(root, { recursive: true, force: true }));
const backedUp = await storeWithBackup(root);

/** A store whose disk is full as soon as there are lines of this type to write. */
class FullAtTheEnd extends FolderStore {
  readonly #types: readonly JournalEntry['type'][];

  constructor(location: string, types: readonly JournalEntry['type'][]) {
    super(location);
    this.#types = types;
  }

  override async openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter> {
    const journal = await super.openJournal(release, id);
    return {
      location: journal.location,
      append: async (entry) => {
        if (this.#types.includes(entry.type)) throw new UnwritableStore('the disk is full', {}, true);
        await journal.append(entry);
      },
    };
  }
}

test('an undo that is over is no failure for want of its last lines; the journals that lack them are said', async () => {
  const server = serverSince('moved');
  const context = contextOf(server, await copyOf(backedUp, root), {});
  const { location } = await context.store();
  await restore({ ...RESTORE, timeoutMs: 100 }, context).catch(() => {});
  const full: CommandContext = {
    ...context,
    store: async () => new FullAtTheEnd(location, ['end', 'undone']),
  };

  assert.equal(await undo(UNDO, full), 0, context.io.stderr);

  for (const what of ['restore was undone', 'undo ended'])
    assert.match(
      context.io.stderr,
      new RegExp(`Warning: the journal does not say that the ${what}: there is no place`),
    );
  assert.doesNotMatch(context.io.stderr, /the cluster was not changed, because/);
});
