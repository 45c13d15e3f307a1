import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { makeGitStore } from './git-kind.ts';

const NEXT = '20261123T101500Z';
const { cluster, namespace, release } = SMALL;
const OF_CART = { cluster, namespace, release };

test('a tag of somebody’s names the backup that lay there then, and nothing is checked out', async (t) => {
  const { tested, repository } = await makeGitStore(t);
  const { git } = repository;
  const store = await tested.open();
  await writeSmallBackup(store, { megabytes: 8 });
  git(['tag', 'v1.6', 'main']);
  git(['tag', '--annotate', '-m', 'before the move', 'team/before', 'main']);
  await writeSmallBackup(store, { id: NEXT, megabytes: 16 });
  await writeSmallBackup(store, { id: NEXT, release: 'other' });
  git(['tag', 'v1.7', 'main']);
  const where = process.cwd();
  const around = readdirSync(where);

  const at = (tag: string) => store.backupAtTag!([{ ...OF_CART, cluster: 'elsewhere' }, OF_CART], tag);
  for (const tag of ['v1.6', 'team/before', 'refs/tags/v1.6'])
    assert.deepEqual(await at(tag), { ...OF_CART, id: SMALL.id }, tag);
  assert.deepEqual(await at('v1.7'), { ...OF_CART, id: NEXT });
  git(['tag', '--force', 'v1.6', 'main']);
  assert.deepEqual(await at('v1.6'), { ...OF_CART, id: NEXT }, 'a tag that was moved since');
  assert.deepEqual(readdirSync(where), around);

  await store.remove({ ...OF_CART, id: SMALL.id });
  await assert.rejects(
    at('team/before'),
    new RegExp(`holds the backup of cart .* ${SMALL.id}, which was removed`),
  );
});

test('a tag that is none, or holds nothing of the release, is said so', async (t) => {
  const { tested, repository } = await makeGitStore(t);
  const { git } = repository;
  const store = await tested.open();
  await writeSmallBackup(store);
  git(['tag', 'v1', 'main']);
  const blob = git(['hash-object', '-w', '--stdin'], 'text').toString().trim();
  git(['tag', 'text', blob]);
  const at = (tag: string) => store.backupAtTag!([OF_CART], tag);
  for (const tag of ['v2', 'v*', '--all', 'v1^{commit}', 'a b', '../main', 'v1:clusters', ''])
    await assert.rejects(at(tag), /has no tag/, tag);
  await assert.rejects(at('text'), /is of no commit/);
  await assert.rejects(
    store.backupAtTag!([{ ...OF_CART, release: 'away' }], 'v1'),
    /the commit of tag v1 holds no backup of away in namespace shop/,
  );
  const path = `clusters/${cluster}/${namespace}/${release}/backup.json`;
  await tested.plant(path.replace('clusters/', ''), Buffer.from('{"id":"../../x"}'));
  git(['tag', 'forged', 'main']);
  await assert.rejects(at('forged'), /can't be read: /);
});
