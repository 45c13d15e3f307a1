import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { expectCode, run } from './support/process.ts';
import { aRelease, CACHE_CHART } from './support/release.ts';
import { aSmallDisk, noMounts } from './support/small-disk.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();
const release = await aRelease(cluster, cluster.helms[0]!)
  .named('sessions')
  .fromChart(CACHE_CHART, { image: cluster.images.memcached, replicaCount: 0 })
  .withPassword()
  .installed();
const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-disk-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await release[Symbol.asyncDispose]();
});

const backupTo = (store: string) => release.cli.run('backup', release.name, '--store', store);
const everything = (store: string) => readdirSync(store, { recursive: true, encoding: 'utf8' }).sort();

describe('a store that can not take a backup', () => {
  test('that is full: what it held is as it was, nothing half written remains', {
    skip: noMounts,
  }, async () => {
    await using store = await aSmallDisk('160k');
    expectCode(await backupTo(store.path));
    let failed: string | undefined;
    for (let taken = 1; failed === undefined; taken++) {
      assert.ok(taken < 20, 'the disk gets full');
      const before = everything(store.path);
      const outcome = await backupTo(store.path);
      if (outcome.code === 0) continue;
      failed = expectCode(outcome, 1).stderr;
      assert.deepEqual(everything(store.path), before);
      assert.equal(outcome.stdout, '');
    }
    assert.match(failed, /^error: can't write to the store .*: the disk is full$/m);
    assert.match(
      failed,
      /^Nothing half written is left in it; the backups that it holds are as they were\.$/m,
    );
    assert.match(failed, /df -h/);
    assert.ok(backupsIn(store.path).length > 0);
    expectCode(await release.cli.run('list', '--store', store.path));
  });

  test('that is read-only', { skip: noMounts }, async () => {
    await using store = await aSmallDisk('1m');
    expectCode(await backupTo(store.path));
    const before = everything(store.path);
    await store.makeReadOnly();
    const { stderr } = expectCode(await backupTo(store.path), 4);
    assert.match(stderr, /^error: can't write to the store .*: the file system is read-only$/m);
    assert.deepEqual(everything(store.path), before);
  });

  test('that is a file', async () => {
    const store = join(folder, 'file');
    writeFileSync(store, 'no folder');
    const { stderr } = expectCode(await backupTo(store), 4);
    assert.match(stderr, /^error: can't write to the store .*: part of the path is a file, not a folder$/m);
  });

  test('where no folder can be made', async () => {
    const { stderr } = expectCode(await backupTo('/proc/none/store'), 4);
    assert.match(stderr, /^error: can't write to the store \/proc\/none\/store: it does not exist$/m);
  });

  test('fails once for all releases, not once for each', async () => {
    const store = join(folder, 'file');
    writeFileSync(store, 'no folder');
    await using other = await aRelease(cluster, cluster.helms[0]!)
      .named('tokens')
      .fromChart(CACHE_CHART, { image: cluster.images.memcached, replicaCount: 0 })
      .beside(release)
      .installed();
    const { stderr } = expectCode(await other.cli.run('backup', '--store', store), 4);
    assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
  });
});

test('the store that nobody names is found again from every folder, and one that is in use stays', async () => {
  const home = mkdtempSync(join(folder, 'home-'));
  const { MEMCACHED_BACKUP_STORE: _, XDG_DATA_HOME: __, ...others } = release.cli.env;
  const env = { ...others, HOME: home };
  const within = (name: string): string => mkdtempSync(join(folder, name));
  const tool = async (cwd: string, ...words: string[]) =>
    expectCode(await run(BINARY, [...words, '-n', release.namespace], { env, cwd }));
  const own = join(home, '.local/share/memcached-backup');
  const saved = await tool(within('here-'), 'backup', release.name, '-o', 'name');
  assert.ok(saved.stderr.includes(`Store: ${own}\n`), saved.stderr);
  const found = await tool(within('there-'), 'list', '-o', 'name');
  assert.equal(found.stdout, saved.stdout);
  assert.equal(found.stderr, `Store: ${own}\n`);

  const used = within('used-');
  mkdirSync(join(used, 'memcached-backups'));
  const other = await tool(used, 'backup', release.name);
  assert.ok(other.stderr.includes(`Store: ${join(used, 'memcached-backups')}\n`), other.stderr);
  assert.equal(backupsIn(join(used, 'memcached-backups')).length, 1);
  assert.equal(backupsIn(own).length, 1);
});
