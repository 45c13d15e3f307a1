import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BACKUPS_AT_ONCE } from '../../../src/backup/back-up-releases.ts';
import { type BackupOptions, backup } from '../../../src/commands/backup.ts';
import { InterruptedError, ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import type { RetentionRules } from '../../../src/model/retention/retention.ts';
import { Ending } from '../../../src/session/ending.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { BackupAddress, BackupContent, SavedBackup } from '../../../src/store/store.ts';
import { ModelServer } from '../../support/api-server.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { aNamespace } from '../../support/live-release.ts';
import { aDeployment } from '../../support/objects.ts';
import { contextOf, type ModelContext } from '../../support/released-model.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** A folder in which saving a release may come to something else. */
class MeddledStore extends FolderStore {
  readonly tried: string[] = [];
  meddle: (release: string, saving: () => Promise<SavedBackup>) => Promise<SavedBackup> = (_, saving) =>
    saving();

  override save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    this.tried.push(address.release);
    return this.meddle(address.release, () => super.save(address, content, signal));
  }

  /** All of it first, so that nothing but `save` takes part. */
  override async begin(): Promise<undefined> {
    return undefined;
  }
}

interface Scene {
  store: MeddledStore;
  context: ModelContext & { ending: Ending };
  interrupt: AbortController;
  run(options?: Partial<BackupOptions>): Promise<number>;
  ids(release: string): Promise<string[]>;
}

/** A namespace of memcached workloads, each a release of plain YAML. */
async function aScene(
  t: TestContext,
  releases: readonly string[],
  { seesKubeSystem = true }: { seesKubeSystem?: boolean } = {},
): Promise<Scene> {
  const store = new MeddledStore(join(await temporaryFolder(t), 'store'));
  const objects = releases.map((name) => aDeployment(name).served().object);
  const system = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' },
  };
  const interrupt = new AbortController();
  const context = {
    ...contextOf(new ModelServer([aNamespace(), ...(seesKubeSystem ? [system] : []), ...objects]), '', {}),
    store: async () => store,
    signal: interrupt.signal,
    ending: new Ending(),
  };
  const defaults: BackupOptions = {
    releases: [],
    allNamespaces: false,
    output: 'table',
    headers: true,
    verify: false,
  };
  return {
    store,
    context,
    interrupt,
    run: (options) => backup({ ...defaults, ...options }, context),
    ids: async (release) => (await store.list({ release })).map(({ address }) => address.id),
  };
}

const letters = (count: number): string[] => [...'abcdefghijklmnop'.slice(0, count)];

test('a release that fails ends nothing: the others are saved, and the line names the first cause', async (t) => {
  const { store, context, run, ids } = await aScene(t, letters(6));
  store.meddle = async (release, saving) => {
    if (release === 'b') throw new ToolError('b is forbidden');
    if (release === 'c') throw new ToolError('c is too large');
    return saving();
  };
  await assert.rejects(run(), /is forbidden|is too large/);
  for (const saved of ['a', 'd', 'e', 'f']) assert.equal((await ids(saved)).length, 1, saved);
  assert.match(
    context.ending.text ?? '',
    /^saved 4 of 6 releases, \d+(\.\d)? KiB, in \d+\.\d s; b is forbidden \(and 1 more\)$/,
  );
});

test('a defect that one release brings out is told as one, with its name, when the others are saved', async (t) => {
  const { store, run, ids } = await aScene(t, letters(6));
  store.meddle = async (release, saving) => {
    if (release === 'b') throw new TypeError("Cannot read properties of undefined (reading 'x')");
    return saving();
  };
  await assert.rejects(run(), (error: Error) => {
    assert.ok(!(error instanceof ToolError));
    assert.match(error.message, /^shop\/b: Cannot read properties/);
    assert.ok(error.cause instanceof TypeError);
    return true;
  });
  assert.equal((await ids('f')).length, 1);
});

test('one release that can not be reached ends nothing; where none can, the rest is not tried, and counted', async (t) => {
  const one = await aScene(t, letters(10));
  one.store.meddle = async (release, saving) => {
    if (release === 'b') throw new UnreachableError('b takes too long');
    return saving();
  };
  await assert.rejects(one.run(), UnreachableError);
  assert.equal(one.store.tried.length, 10);
  assert.match(one.context.ending.text ?? '', /^saved 9 of 10 releases/);

  const none = await aScene(t, letters(10));
  none.store.meddle = () => Promise.reject(new UnreachableError('the store is away'));
  await assert.rejects(none.run(), UnreachableError);
  assert.equal(none.store.tried.length, BACKUPS_AT_ONCE);
  assert.match(
    none.context.ending.text ?? '',
    /^saved 0 of 10 releases.*; the store is away \(and 3 more\); 6 releases not tried$/,
  );
  assert.match(none.context.io.stderr, /6 more releases were not tried/);
});

test('an interruption is told when what was under way has put back what was half done', async (t) => {
  const { store, context, run, interrupt } = await aScene(t, letters(8));
  let underWay = 0;
  const first = Promise.withResolvers<void>();
  store.meddle = async (release, saving) => {
    if (release === 'a') return saving().finally(first.resolve);
    underWay++;
    await first.promise;
    // Each takes another while to clean up.
    await sleep(underWay * 30);
    interrupt.abort(new InterruptedError());
    await sleep(underWay * 30);
    underWay--;
    throw interrupt.signal.reason;
  };
  await assert.rejects(run(), InterruptedError);
  assert.equal(underWay, 0);
  assert.match(context.ending.text ?? '', /^saved 1 release, \d+(\.\d)? KiB$/);
});

const KEEP_ONE: RetentionRules = {
  keep: { last: 1 },
  keepMin: 1,
  keepSafety: { years: 0, months: 0, days: 7, hours: 0 },
};

test('--verify: a sound backup is noted as verified, and the line and the data say so', async (t) => {
  const { store, context, run } = await aScene(t, ['a']);
  assert.equal(await run({ verify: true, output: 'json', retention: KEEP_ONE }), 0);
  const { items } = parseDocumented(context.io.stdout) as {
    items: { verification: Record<string, unknown> }[];
  };
  const { passed, unchecked, ...rest } = items[0]?.verification ?? {};
  assert.deepEqual(rest, { verdict: 'ok', noted: true, failed: [] });
  assert.ok(typeof passed === 'number' && passed > 3);
  assert.ok(Array.isArray(unchecked));
  const [listed] = await store.list({});
  assert.ok(listed?.verification?.passed.includes('objects'));
  assert.match(context.ending.text ?? '', /^saved and verified 1 of 1 release, /);
});

test('without --verify nothing is read again, and the data has no word of it', async (t) => {
  const { store, context, run } = await aScene(t, ['a']);
  store.open = () => assert.fail('it was read');
  assert.equal(await run({ output: 'json' }), 0);
  assert.doesNotMatch(context.io.stdout, /verification/);
});

test('--verify: a backup that is not sound fails the run, is named, and nothing older is removed', async (t) => {
  const { store, context, run, ids } = await aScene(t, ['a', 'b']);
  assert.equal(await run({ verify: true }), 0);
  assert.equal(await run({ verify: true }), 0);
  store.meddle = async (release, saving) => {
    const saved = await saving();
    if (release === 'a') appendFileSync(join(saved.location, 'RUNBOOK.md'), 'x');
    return saved;
  };
  assert.equal(await run({ verify: true, retention: KEEP_ONE }), 1);
  assert.equal((await ids('a')).length, 3);
  assert.equal((await ids('b')).length, 1);
  assert.match(
    context.io.stderr,
    /^error: the backup a@\S+ of shop was saved and is not sound:\n {2}files: RUNBOOK\.md: /m,
  );
  // To be pasted as it is: in the cluster and the store that were meant.
  assert.match(context.io.stderr, /^Next: .* verify a@\S+ -n shop --store \S+$/m);
  assert.match(
    context.ending.text ?? '',
    /^saved 2 of 2 releases, .*; verified 1 of them; .*shop\/a@\S+ is not sound: RUNBOOK\.md: /,
  );
});

test('--verify: a backup that can not even be opened again fails the run', async (t) => {
  const { store, context, run } = await aScene(t, ['a']);
  store.meddle = async (_release, saving) => {
    const saved = await saving();
    rmSync(join(saved.location, 'backup.json'));
    return saved;
  };
  assert.equal(await run({ verify: true, output: 'json' }), 1);
  assert.match(context.io.stdout, /"verdict": "failed"/);
});

test('who may not read kube-system has the store listed once a run, not once a release', async (t) => {
  const { store, run } = await aScene(t, letters(8), { seesKubeSystem: false });
  let lists = 0;
  const list = store.list.bind(store);
  store.list = (filter) => {
    lists++;
    return list(filter);
  };
  assert.equal(await run(), 0);
  assert.equal(lists, 1);
  assert.equal(new Set((await list({})).map(({ address }) => address.cluster)).size, 1);
});
