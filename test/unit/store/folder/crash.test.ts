import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../../../src/store/open-store.ts';
import { fromSource } from '../../../support/from-source.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const WRITER = join(import.meta.dirname, 'crashing-writer.ts');

/** Runs the writer, to be killed before its Nth file operation. @returns how many operations it had, if it lived. */
function run(root: string, at: number, how = ''): number | 'killed' {
  const { signal, status, stdout, stderr } = spawnSync(
    process.execPath,
    fromSource(WRITER, root, `${at}`, how),
    { encoding: 'utf8' },
  );
  if (signal === 'SIGKILL') return 'killed';
  assert.equal(status, 0, stderr);
  return Number(stdout);
}

function countOperations(root: string, how?: string): number {
  const count = run(root, Number.POSITIVE_INFINITY, how);
  assert.ok(count !== 'killed' && count > 30, `${count} operations`);
  return count;
}

for (const [how, when] of [
  ['', ''],
  ['ahead', ', also where it began before all was known'],
  ['elsewhere', ', also on no local disk'],
] as const) {
  test(`a writer that is killed leaves a whole backup or none, and a usable store${when}`, async (t) => {
    const parent = await temporaryFolder(t);
    const total = countOperations(join(parent, 'all'), how);
    // The last operation syncs the parent folder, the one before gives the backup its name.
    const early = Array.from({ length: Math.floor((total - 2) / 6) }, (_, index) => 1 + index * 6);
    for (const at of [...early, total - 2, total - 1, total]) {
      const root = join(parent, `${at}`);
      assert.equal(run(root, at, how), 'killed');
      const store = await openStore(root);
      // The first crash comes before there is a store.
      const listed = await store.list({}).catch(() => []);
      const expected = at === total ? [ADDRESS.id] : [];
      assert.deepEqual(
        listed.map(({ address }) => address.id),
        expected,
        `killed before operation ${at}`,
      );
      assert.ok(listed.every(({ damage }) => damage === undefined));
      await writeSample(store);
      assert.equal((await store.list({})).length, expected.length + 1);
    }
  });
}

test('what killed writers left is removed by the next backup after some hours', async (t) => {
  const root = await temporaryFolder(t);
  const release = join(root, ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
  mkdirSync(release, { recursive: true });
  for (const at of [8, 14, 20]) assert.equal(run(root, at), 'killed');
  const leftovers = readdirSync(release);
  assert.equal(leftovers.length, 3);
  for (const name of leftovers) {
    const sevenHoursAgo = Date.now() / 1000 - 7 * 3600;
    utimesSync(join(release, name), sevenHoursAgo, sevenHoursAgo);
  }
  await writeSample(await openStore(root));
  assert.deepEqual(readdirSync(release), [ADDRESS.id]);
});

test('two processes that back up at the same second both succeed', async (t) => {
  const root = await temporaryFolder(t);
  const write = (): Promise<number | null> =>
    new Promise((resolve) => {
      spawn(process.execPath, fromSource(WRITER, root, 'Infinity'), { stdio: 'ignore' }).once(
        'close',
        resolve,
      );
    });
  const codes = await Promise.all([write(), write()]);
  assert.deepEqual(codes, [0, 0]);
  const listed = await (await openStore(root)).list({});
  assert.deepEqual(listed.map(({ address }) => address.id).sort(), [ADDRESS.id, `${ADDRESS.id}-2`]);
  assert.ok(listed.every(({ damage }) => damage === undefined));
});
