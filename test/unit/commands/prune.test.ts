import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type PruneOptions, prune } from '../../../src/commands/prune.ts';
import { InterruptedError, ToolError, UnreachableError, UsageError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { backupId } from '../../../src/model/records/backup-id.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { BackupAddress } from '../../../src/store/store.ts';
import { DeletionDenied } from '../../../src/store/store-error.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { aDeployment } from '../../support/objects.ts';
import { aSmallCluster } from '../../support/small-cluster.ts';
import { assertGolden } from '../golden.ts';
import { PLAN, startLine } from '../store/journal/sample-journal.ts';
import { writeSample } from '../store/sample-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const UID = '3f6c2a10-0f5e-4d57-9a3b-5b1d7f6f2a11';

function idOf(daysAgo: number, hour = 2): string {
  return backupId(new Date(Date.parse('2026-11-24T00:00:00Z') - daysAgo * 86_400_000 + hour * 3_600_000));
}

/** A cluster that has these releases, each a Deployment in "shop". */
function clusterWith(
  releases: readonly string[],
  forbidden: readonly string[] = [],
): { kube: KubeClient; asked: string[] } {
  const workloads = releases.map((name) => aDeployment(name).served().object);
  const { kube, asked } = aSmallCluster(workloads, forbidden);
  const kubeSystem = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: UID } };
  const more = {
    caDigest: undefined,
    contextName: 'prod',
    raw: async () => ({ gitVersion: 'v1.34.4' }),
    get: async () => kubeSystem,
  };
  return { kube: { ...kube, ...more } as unknown as KubeClient, asked };
}

interface Scene {
  store: FolderStore;
  stateFolder: FolderStore;
}

async function aScene(t: TestContext): Promise<Scene> {
  const root = await temporaryFolder(t);
  return { store: new FolderStore(join(root, 'store')), stateFolder: new FolderStore(join(root, 'state')) };
}

type Ran = MemoryIO & { code: number };

interface RunOptions extends Partial<PruneOptions> {
  kube?: KubeClient | Error;
  answer?: boolean;
  signal?: AbortSignal;
}

async function run(scene: Scene, { kube, answer, signal, ...options }: RunOptions = {}): Promise<Ran> {
  const io = createMemoryIO(answer === undefined ? {} : { answers: [answer] });
  const cluster = kube ?? clusterWith(['cart']).kube;
  const code = await prune(
    {
      releases: [],
      allNamespaces: false,
      namespace: 'shop',
      rules: {
        keep: { last: 1 },
        keepMin: 1,
        keepSafety: { years: 0, months: 0, days: 7, hours: 0 },
      },
      includeGone: false,
      yes: answer === undefined,
      dryRun: false,
      output: 'table',
      headers: true,
      ...options,
    },
    {
      io,
      kube: () => (cluster instanceof Error ? Promise.reject(cluster) : Promise.resolve(cluster)),
      store: async () => scene.store,
      stateFolder: async () => scene.stateFolder,
      now: () => NOW,
      signal: signal ?? new AbortController().signal,
      lastWords: new LastWords(),
      spelling: PLAIN_SPELLING,
      version: '0.1.0',
    },
  );
  return Object.assign(io, { code });
}

async function idsIn(store: FolderStore, filter: Partial<BackupAddress> = {}): Promise<string[]> {
  const listed = await store.list(filter).catch(() => []);
  return listed.map(({ address }) => address.id).sort();
}

async function fill(
  store: FolderStore,
  days: readonly number[],
  address: Partial<BackupAddress> = {},
): Promise<void> {
  for (const day of days) await writeSample(store, { ...address, id: idOf(day) });
}

test('what stays, what goes and why is shown, and then what no rule keeps is gone', async (t) => {
  const root = await temporaryFolder(t);
  process.chdir(root);
  const scene = { store: new FolderStore('store'), stateFolder: new FolderStore('state') };
  await fill(scene.store, [0, 1, 2, 40]);
  await writeSample(scene.store, { id: idOf(3) }, { complete: false });
  await writeSample(scene.store, { id: idOf(0, 10) }, { kind: 'safety' });
  await fill(scene.store, [50, 51], { release: 'old' });
  const { code, stdout, stderr } = await run(scene, {
    rules: { keep: { daily: 2 }, keepMin: 1, keepSafety: { years: 0, months: 0, days: 7, hours: 0 } },
  });
  assertGolden('prune/table.txt', stdout);
  assert.match(stderr, /^Removed 3 of 8 backups \(.+\)\.\n$/);
  assert.equal(code, 0);
  assert.deepEqual(await idsIn(scene.store), [idOf(50), idOf(51), idOf(0), idOf(0, 10), idOf(1)].sort());
});

test('a dry run removes nothing and says the same', async (t) => {
  const scene = await aScene(t);
  await fill(scene.store, [0, 1, 2]);
  const { stdout, stderr } = await run(scene, { dryRun: true, output: 'name' });
  assert.equal(stdout, `shop/cart@${idOf(1)}\nshop/cart@${idOf(2)}\n`);
  assert.match(stderr, /2 of 3 backups would be removed/);
  assert.equal((await idsIn(scene.store)).length, 3);
});

test('-o json has each backup with its reasons and what became of it', async (t) => {
  const scene = await aScene(t);
  await fill(scene.store, [0, 1]);
  const { stdout } = await run(scene, { output: 'json' });
  const { items, freedBytes, ...rest } = parseDocumented(stdout);
  const said = { store: scene.store.location, dryRun: false, journalsRemoved: 0 };
  assert.deepEqual(rest, envelope('PruneReport', said));
  assert.equal(freedBytes, items[1].bytes);
  assert.deepEqual(items[1], {
    cluster: '3f6c2a10',
    namespace: 'shop',
    release: 'cart',
    id: idOf(1),
    location: join(scene.store.location, '3f6c2a10/shop/cart', idOf(1)),
    kind: 'backup',
    bytes: freedBytes,
    action: 'remove',
    reasons: ['no rule keeps it'],
    outcome: 'removed',
  });
  const page = readFileSync(join(import.meta.dirname, '../../../docs/output.md'), 'utf8');
  for (const field of [...Object.keys(items[1]), ...Object.keys(rest), 'freedBytes'])
    assert.match(page, new RegExp(`"?${field}"?`));
});

describe('it asks', () => {
  test('and a no removes nothing', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0, 1]);
    await assert.rejects(run(scene, { answer: false }), (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.message, 'not pruned: the answer was no');
      assert.equal(error.untouched, 'nothing was removed');
      return true;
    });
    assert.equal((await idsIn(scene.store)).length, 2);
    await run(scene, { answer: true });
    assert.deepEqual(await idsIn(scene.store), [idOf(0)]);
  });

  test('and wants --yes where there is no terminal', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0, 1]);
    await assert.rejects(run(scene, { yes: false }), UsageError);
    assert.equal((await idsIn(scene.store)).length, 2);
  });

  test('not where nothing is to be removed', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0]);
    const { code, stderr } = await run(scene, { yes: false });
    assert.equal(code, 0);
    assert.match(stderr, /Nothing to remove/);
  });
});

describe('a release that may be gone keeps all of its backups', () => {
  const days = [0, 1, 2, 3];

  test('where the cluster no longer has it, until --include-gone', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, days, { release: 'old' });
    const { stdout } = await run(scene);
    assert.match(stdout, /keep {5}the cluster no longer has the release/);
    assert.equal((await idsIn(scene.store)).length, 4);
    await run(scene, { includeGone: true });
    assert.deepEqual(await idsIn(scene.store), [idOf(0)], 'the floor holds for it as well');
  });

  test('where the cluster does not answer: exit code 4, and nothing is removed', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, days);
    const { code, stderr } = await run(scene, {
      kube: new UnreachableError('the API server does not answer'),
    });
    assert.equal(code, 4);
    assert.match(stderr, /every release is taken for gone, and its backups stay: .*does not answer/);
    assert.equal((await idsIn(scene.store)).length, 4);
    const gone = await run(scene, {
      kube: new UnreachableError('the API server does not answer'),
      includeGone: true,
    });
    assert.equal(gone.code, 0);
    assert.deepEqual(await idsIn(scene.store), [idOf(0)]);
  });

  test('where its namespace may not be read, and another one is there all the same', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, days);
    await fill(scene.store, days, { namespace: 'dev', release: 'sessions' });
    const denied = ['list deployments', 'list deployments in dev'];
    const { kube } = clusterWith(['cart'], denied);
    const { stdout, code } = await run(scene, { kube, allNamespaces: true });
    assert.equal(code, 0);
    assert.match(stdout, /sessions .* keep .*is not known: its workloads may not be listed/);
    assert.deepEqual(await idsIn(scene.store, { namespace: 'shop' }), [idOf(0)]);
    assert.equal((await idsIn(scene.store, { namespace: 'dev' })).length, 4);
  });

  test('where it is of another cluster, also by the same folder', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, days, { cluster: 'other-one' });
    for (const id of days.map((day) => idOf(day)))
      await writeSample(
        scene.store,
        { id, cluster: 'prod' },
        {
          cluster: { name: 'prod', uid: 'b0b0b0b0-0000', serverVersion: 'v1', context: 'x' },
        },
      );
    await run(scene);
    assert.equal((await idsIn(scene.store)).length, 8);
    await run(scene, { clusterName: 'prod' });
    assert.equal((await idsIn(scene.store)).length, 8, 'this cluster tells nothing of it');
  });

  test('without a cluster to ask, one of several is to be named first', async (t) => {
    const scene = await aScene(t);
    const kube = new UnreachableError('no');
    await fill(scene.store, days, { cluster: 'one' });
    await fill(scene.store, days, { cluster: 'two' });
    await assert.rejects(run(scene, { kube, includeGone: true }), /backups of several clusters/);
    await run(scene, { kube, includeGone: true, clusterName: 'two' });
    assert.equal((await idsIn(scene.store, { cluster: 'one' })).length, 4);
    assert.equal((await idsIn(scene.store, { cluster: 'two' })).length, 1);
  });
});

test('only workloads are listed, and no Secret', async (t) => {
  const scene = await aScene(t);
  await fill(scene.store, [0, 1]);
  const { kube, asked } = clusterWith(['cart']);
  await run(scene, { kube });
  assert.deepEqual(
    asked.sort(),
    ['daemonsets', 'deployments', 'statefulsets'].map((kind) => `list ${kind} in shop`),
  );
});

test('a name narrows it, and one without a backup is an error', async (t) => {
  const scene = await aScene(t);
  await fill(scene.store, [0, 1]);
  await fill(scene.store, [0, 1], { release: 'sessions' });
  const { kube } = clusterWith(['cart', 'sessions']);
  await run(scene, { kube, releases: ['sessions'] });
  assert.equal((await idsIn(scene.store, { release: 'cart' })).length, 2);
  await assert.rejects(
    run(scene, { releases: ['cart', 'none'] }),
    /there is no backup of none in namespace shop/,
  );
  assert.equal((await idsIn(scene.store, { release: 'cart' })).length, 2);
});

test('one that may not be removed is told, and the others go', async (t) => {
  class Locked extends FolderStore {
    override async remove(address: BackupAddress): Promise<void> {
      if (address.id === idOf(2)) throw new DeletionDenied('cart@x', 'it is locked until 2027-01-01');
      await super.remove(address);
    }
  }
  const { store, stateFolder } = await aScene(t);
  await fill(store, [0, 1, 2, 3]);
  const { code, stderr, stdout } = await run(
    { store: new Locked(store.location), stateFolder },
    { output: 'json' },
  );
  assert.equal(code, 1);
  assert.match(stderr, /error: the backup cart@x can't be removed: it is locked until 2027-01-01/);
  assert.match(stderr, /Removed 2 of 4 backups/);
  assert.deepEqual(
    parseDocumented(stdout).items.map(({ outcome }: { outcome: string }) => outcome),
    ['kept', 'removed', 'failed', 'removed'],
  );
  assert.deepEqual(await idsIn(store), [idOf(0), idOf(2)].sort());
});

test('one that somebody else removed meanwhile counts as removed; one that came meanwhile stays', async (t) => {
  class Shared extends FolderStore {
    listings = 0;
    override async list(filter: Partial<BackupAddress>) {
      if (++this.listings === 2) {
        await super.remove({ cluster: '3f6c2a10', namespace: 'shop', release: 'cart', id: idOf(2) });
        await writeSample(this, { id: idOf(5) });
      }
      return super.list(filter);
    }
  }
  const { store, stateFolder } = await aScene(t);
  await fill(store, [0, 1, 2]);
  const { code, stderr } = await run({ store: new Shared(store.location), stateFolder });
  assert.equal(code, 0);
  assert.match(stderr, /Removed 2 of 3 backups/);
  assert.deepEqual(await idsIn(store), [idOf(5), idOf(0)].sort());
});

test('Ctrl-C between two deletions ends it, and says how many are gone', async (t) => {
  const interruption = new AbortController();
  class Interrupted extends FolderStore {
    override async remove(address: BackupAddress): Promise<void> {
      await super.remove(address);
      interruption.abort();
    }
  }
  const { store, stateFolder } = await aScene(t);
  await fill(store, [0, 1, 2, 3]);
  await assert.rejects(
    run({ store: new Interrupted(store.location), stateFolder }, { signal: interruption.signal }),
    (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.untouched, '1 of 3 backups were removed; each of the others is there, whole');
      return true;
    },
  );
  assert.deepEqual(await idsIn(store), [idOf(2), idOf(1), idOf(0)].sort());
});

describe('what is damaged', () => {
  test('goes when newer ones are good, and takes no slot', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0, 1, 2]);
    for (const day of [0, 1])
      rmSync(join(scene.store.location, '3f6c2a10/shop/cart', idOf(day), 'settings.json'));
    await fill(scene.store, [3]);
    rmSync(join(scene.store.location, '3f6c2a10/shop/cart', idOf(3), 'settings.json'));
    await run(scene);
    assert.deepEqual(await idsIn(scene.store), [idOf(0), idOf(1), idOf(2)].sort());
  });

  test('stays where its format is newer than this tool, or it can not be read', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0, 1, 2]);
    const newer = join(scene.store.location, '3f6c2a10/shop/cart', idOf(2), 'backup.json');
    writeFileSync(newer, readFileSync(newer, 'utf8').replace('"formatVersion": 1', '"formatVersion": 99'));
    await run(scene);
    assert.deepEqual(await idsIn(scene.store), [idOf(0), idOf(2)].sort());
  });
});

describe('safety backups', () => {
  const address = { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' };

  async function journal(store: FolderStore, id: string, safety: string, ended: boolean): Promise<void> {
    const writer = await store.openJournal(address, id);
    const safetyBackup = { id: safety, location: 'x', digest: 'ab'.repeat(32) };
    const plan = { ...PLAN, backup: { ...PLAN.backup, id: idOf(0) } };
    await writer.append(startLine({ id, safety: safetyBackup, plan }));
    if (ended) await writer.append({ type: 'end', at: NOW.toISOString(), outcome: 'restored' });
  }

  test('go after their time with the journals of what ended, in the store and in the state folder', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0]);
    for (const store of [scene.store, scene.stateFolder]) {
      for (const day of [6, 8, 9]) await writeSample(store, { id: idOf(day, 5) }, { kind: 'safety' });
      await journal(store, idOf(9, 6), idOf(9, 5), true);
      await journal(store, idOf(8, 6), idOf(8, 5), true);
      await journal(store, idOf(6, 6), idOf(6, 5), true);
    }
    const { stderr } = await run(scene);
    assert.match(stderr, /Removed 4 of 7 backups .*, and 4 journals of restores that ended/);
    for (const store of [scene.store, scene.stateFolder]) {
      assert.deepEqual(
        (await idsIn(store)).filter((id) => id !== idOf(0)),
        [idOf(6, 5)],
      );
      assert.deepEqual(
        (await store.journals(address)).map(({ id }) => id),
        [idOf(6, 6)],
      );
    }
  });

  test('stay while a restore that did not end names them, and so does its journal', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0]);
    for (const day of [8, 9]) await writeSample(scene.store, { id: idOf(day, 5) }, { kind: 'safety' });
    await journal(scene.store, idOf(9, 6), idOf(9, 5), false);
    await journal(scene.store, idOf(8, 6), idOf(8, 5), true);
    const { stdout } = await run(scene);
    assert.match(stdout, /a restore that did not end needs it/);
    assert.deepEqual(await idsIn(scene.store), [idOf(9, 5), idOf(0)].sort());
    assert.equal(
      (await scene.store.journals(address)).length,
      2,
      'no newer journal goes before an older one',
    );
  });

  test('stay where a journal can not be read', async (t) => {
    const scene = await aScene(t);
    await fill(scene.store, [0, 1]);
    await writeSample(scene.store, { id: idOf(9, 5) }, { kind: 'safety' });
    const release = join(scene.store.location, '3f6c2a10/shop/cart');
    writeFileSync(join(release, `.restore-${idOf(9, 6)}.jsonl`), '{"type":"start"}\n');
    await run(scene);
    assert.deepEqual(await idsIn(scene.store), [idOf(9, 5), idOf(0)].sort());
    assert.ok(existsSync(join(release, `.restore-${idOf(9, 6)}.jsonl`)));
  });
});

test('one of the future is neither counted nor removed, and is told', async (t) => {
  const scene = await aScene(t);
  await fill(scene.store, [0, 1, -365]);
  const { stdout, stderr } = await run(scene);
  assert.match(stderr, /is dated in the future: it is not counted, and it stays/);
  assert.match(stdout, /future +keep +its date is in the future/);
  assert.deepEqual(await idsIn(scene.store), [idOf(-365), idOf(0)].sort());
});

test('a store that can not be read is an error', async (t) => {
  const scene = await aScene(t);
  await assert.rejects(run(scene), (error) => error instanceof ToolError && error.exitCode === 4);
});
