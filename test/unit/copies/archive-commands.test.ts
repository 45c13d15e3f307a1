import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { fromSource } from '../../support/from-source.ts';
import { PASSWORD, SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

/** A file that `export` wrote, and how the tool is run on it, without a cluster. */
async function anArchive(t: TestContext) {
  const root = await temporaryFolder(t);
  await writeSmallBackup(new FolderStore(join(root, 'store')));
  mkdirSync(join(root, 'home'));
  const file = join(root, 'cart.tar.gz');
  const run = (store: string, ...words: string[]) => {
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: join(root, 'home'), KUBECONFIG: join(root, 'none') };
    const options = { env, encoding: 'utf8' as const, timeout: 60_000 };
    return spawnSync(process.execPath, fromSource(MAIN, ...words, '--store', store), options);
  };
  const exported = run(join(root, 'store'), 'export', 'cart', file);
  assert.equal(exported.status, 0, exported.stderr);
  return { file, run: (...words: string[]) => run(file, ...words) };
}

test('list, show, diff and verify read a file that export wrote, and leave it as it was', async (t) => {
  const { file, run } = await anArchive(t);
  const before = readFileSync(file);

  const listed = run('list', '-o', 'json');
  assert.equal(listed.status, 0, listed.stderr);
  const { store, items } = parseDocumented(listed.stdout);
  assert.equal(store, file);
  assert.equal(items.length, 1);
  assert.equal(items[0].id, SMALL.id);
  assert.equal(items[0].damage, undefined);

  const shown = run('show', 'cart');
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(SMALL.id));
  assert.ok(!shown.stdout.includes(PASSWORD));

  const same = run('diff', 'cart', '--against', `cart@${SMALL.id}`);
  assert.equal(same.status, 0, same.stderr);

  const verified = run('verify', 'cart', '--offline', '--skip-render');
  assert.equal(verified.status, 0, verified.stderr);
  assert.match(verified.stderr, /the outcome can't be noted beside the backup: .*it is one backup in a file/);
  const said = run('verify', 'cart', '--offline', '--skip-render', '-o', 'json');
  assert.equal(parseDocumented(said.stdout).noted, false);
  assert.equal(parseDocumented(said.stdout).verdict, 'ok');

  const other = run('show', 'cart@20200101T000000Z');
  assert.equal(other.status, 1);
  assert.match(other.stderr, /20200101T000000Z/);
  assert.deepEqual(readFileSync(file), before);
});
