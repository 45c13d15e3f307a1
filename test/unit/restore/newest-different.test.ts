import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveReleaseOf } from '../../../src/backup/live-release-of.ts';
import { readSoundSource } from '../../../src/backup/read-sound-source.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { chooseBackup } from '../../../src/restore/choose-backup.ts';
import { sayNewestDifferent } from '../../../src/restore/newest-different.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import { ModelServer } from '../../support/api-server.ts';
import { type ModelRequest, modelCluster } from '../../support/model-cluster.ts';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const OLDER = '20261120T101500Z';
const NEWER = '20261121T101500Z';
/** As whoever may not read kube-system saves: under the CA certificate's name. */
const OF_CERTIFICATE = 'abababab';
const OTHER_CLUSTER = 'c0ffee00';

test('the newest backup that differs is sought where latest is: in every folder of this cluster', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  await writeSmallBackup(store, { id: OLDER, megabytes: 32 });
  await writeSmallBackup(store, { id: NEWER, megabytes: 48, cluster: OF_CERTIFICATE });
  await writeSmallBackup(store, { id: SMALL.id });

  assert.match(await said(store, 'cart'), new RegExp(`is cart@${NEWER}, in `));
});

test('nor in any other cluster’s', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  await writeSmallBackup(store, { id: OLDER, megabytes: 32, cluster: OF_CERTIFICATE });
  await writeSmallBackup(store, {
    id: NEWER,
    megabytes: 48,
    cluster: OTHER_CLUSTER,
    change: (document) => {
      document.cluster.caDigest = 'cd'.repeat(32);
    },
  });
  await writeSmallBackup(store, { id: SMALL.id });

  assert.match(await said(store, 'cart@latest'), new RegExp(`is cart@${OLDER}, in `));
});

test('it is not named where another backup than latest was asked for', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  await writeSmallBackup(store, { id: OLDER, megabytes: 32 });
  await writeSmallBackup(store, { id: NEWER, megabytes: 48 });

  assert.equal(await said(store, `cart@${NEWER}`), '');
  assert.equal(await said(store, `${store.location}/${SMALL.cluster}/shop/cart/${NEWER}`), '');
});

test('of those that hold what the restored one holds nobody is asked, however many there are', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  for (let hour = 0; hour < 12; hour++) await writeSmallBackup(store, { id: `20261121T${10 + hour}1500Z` });
  await writeSmallBackup(store, { id: SMALL.id });
  const requests: ModelRequest[] = [];

  assert.equal(await said(store, 'cart', requests), '');
  assert.deepEqual(requests, []);

  await writeSmallBackup(store, { id: OLDER, megabytes: 32 });
  assert.match(await said(store, 'cart', requests), new RegExp(`is cart@${OLDER}, in `));
  assert.deepEqual([...new Set(requests.map(({ verb, dryRun }) => `${verb} ${dryRun}`))], ['create true']);
  assert.equal(new Set(requests.map(({ kind }) => kind)).size, requests.length, 'each object once');
});

test('one that holds the same with another revision of Helm’s is compared: a restore would write that', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  await writeSmallBackup(store, { id: OLDER, revisions: [1] });
  await writeSmallBackup(store, { id: NEWER });
  await writeSmallBackup(store, { id: SMALL.id });

  assert.match(await said(store, 'cart'), new RegExp(`is cart@${OLDER}, in `));
});

/** What is said after a restore of `selector`, on a cluster that has nothing of the release: every backup differs. */
async function said(store: FolderStore, selector: string, requests: ModelRequest[] = []): Promise<string> {
  const io = createMemoryIO();
  const server = new ModelServer([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' } },
  ]);
  let isCounted = false;
  const kube = modelCluster(server, {
    before: (request) => {
      if (isCounted) requests.push(request);
      return undefined;
    },
  });
  const context = {
    io,
    version: '0.1.0',
    now: () => new Date(0),
  } as Partial<CommandContext> as CommandContext;
  const { reader, earlier = [] } = await chooseBackup(kube, store, { selector }, new Date(0));
  const source = await readSoundSource(reader, context);
  const live = await liveReleaseOf(kube, source);
  isCounted = true;
  await sayNewestDifferent({ kube, store, source, earlier, live, livePods: [] }, context);
  return io.stderr;
}
