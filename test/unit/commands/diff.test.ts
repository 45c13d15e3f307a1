import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type DiffOptions, diff } from '../../../src/commands/diff.ts';
import { ToolError, UsageError } from '../../../src/errors/tool-error.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { PASSWORD, SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const LATER = '20261123T101500Z';

async function run(options: Partial<DiffOptions>): Promise<{ code: number; io: MemoryIO }> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => assert.fail('two backups are compared without a cluster'),
    store: () => openStore('.'),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  return { code: await diff({ output: 'table', headers: true, ...options }, context), io };
}

/** A store of two backups, 64 and 32 megabytes; locations are the same on every machine. */
async function twoBackups(t: TestContext): Promise<void> {
  process.chdir(await temporaryFolder(t));
  const store = await openStore('.');
  await writeSmallBackup(store, { megabytes: 64 });
  await writeSmallBackup(store, { megabytes: 32, id: LATER });
}

for (const output of ['table', 'json', 'yaml', 'name'] as const) {
  test(`two backups compared, as ${output}`, async (t) => {
    await twoBackups(t);
    const { code, io } = await run({ backup: 'cart@previous', against: '@latest', output });
    assert.equal(code, 3);
    assertGolden(`diff/two-backups-${output}.txt`, io.stdout);
    assert.equal(io.stderr, '');
    assert.doesNotMatch(io.stdout, new RegExp(PASSWORD));
  });
}

test('a backup and itself: nothing on standard output, exit code 0', async (t) => {
  await twoBackups(t);
  for (const output of ['table', 'name'] as const) {
    const { code, io } = await run({ backup: `cart@${LATER}`, against: '@latest', output });
    assert.deepEqual([code, io.stdout], [0, '']);
    assert.equal(io.stderr, `No differences between cart@${LATER} and ${LATER}.\n`);
  }
});

test('a path names a backup on either side', async (t) => {
  await twoBackups(t);
  const folder = `./${SMALL.cluster}/${SMALL.namespace}/cart`;
  const { code } = await run({ backup: `${folder}/${SMALL.id}`, against: `${folder}/${LATER}` });
  assert.equal(code, 3);
});

test('another release is nothing to compare with', async (t) => {
  await twoBackups(t);
  await writeSmallBackup(await openStore('.'), { release: 'basket' });
  await assert.rejects(run({ backup: 'cart', against: 'basket' }), UsageError);
  await assert.rejects(run({ backup: 'cart', against: '@20200101T000000Z' }), ToolError);
});
