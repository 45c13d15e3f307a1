import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { installedRelease, memcachedOf } from '../../../scripts/build/warm-up-release.ts';
import { takeBackup } from '../../../src/backup/take-backup.ts';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { SettingsDocument } from '../../../src/model/records/backup-format.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { SavedBackup } from '../../../src/store/store.ts';
import type { ModelServer } from '../../support/api-server.ts';
import { releaseBesideMarkedCopy } from '../../support/marked-copy.ts';
import { type Happening, modelCluster } from '../../support/model-cluster.ts';
import { contextOf } from '../../support/released-model.ts';
import { scripted } from '../memcached/scripted-stream.ts';

interface Taken {
  saved: SavedBackup;
  /** What the pods said, as it was saved. */
  settings: SettingsDocument;
  /** The pods to which a connection was asked for, in order. */
  dialled: string[];
}

interface Course extends Happening {
  onDial?: (pod: string) => void;
  /** The pods answer nothing before. */
  answerOnce?: () => Promise<void>;
  signal?: AbortSignal;
  /** Of the store; one of its own where absent. */
  folder?: string;
}

/** Takes a backup of the release "cart" in "shop". */
async function take(
  t: TestContext,
  server: ModelServer,
  { onDial, answerOnce, signal, folder = '', ...happening }: Course = {},
): Promise<Taken> {
  if (folder === '') {
    folder = await mkdtemp(join(tmpdir(), 'take-backup-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
  }
  const dialled: string[] = [];
  const kube: KubeClient = {
    ...modelCluster(server, happening),
    portForward: async (namespace, name) => {
      dialled.push(name);
      onDial?.(name);
      await answerOnce?.();
      const answerTo = memcachedOf(server.get({ apiVersion: 'v1', kind: 'Pod', namespace, name })!);
      const answer = (written: string) =>
        written
          .split('\r\n')
          .slice(0, -1)
          .flatMap((line) => answerTo(line) ?? []);
      return scripted(answer).stream;
    },
  };
  const context = { ...contextOf(server, folder, {}), ...(signal === undefined ? {} : { signal }) };
  const store = await context.store();
  const options = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt: new Date() };
  const saved = await takeBackup(kube, store, options, context);
  const text = await readFile(join(saved.location, 'settings.json'), 'utf8');
  return { saved, settings: JSON.parse(text), dialled };
}

function mayNotAsk(name: string): ApiError {
  const message = `pods "${name}" is forbidden: User "jane" cannot create resource "pods/portforward"`;
  const call = { verb: 'create', group: '', resource: 'pods/portforward', namespace: 'shop', name };
  return ApiError.fromReply(403, JSON.stringify({ kind: 'Status', reason: 'Forbidden', message }), call);
}

test('the pods are asked while lists are still on their way, and not again after them', async (t) => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { saved, settings, dialled } = await take(t, installedRelease(), {
    // None of these lists is answered before a pod was dialled.
    before: ({ verb, kind }) =>
      verb === 'list' && /^(Role|NetworkPolicy|PersistentVolumeClaim)$/.test(kind)
        ? (asked as Promise<never>)
        : undefined,
    onDial: () => resolve(),
  });
  assert.deepEqual(dialled.sort(), ['cart-1-a', 'cart-1-b']);
  assert.deepEqual(
    settings.pods.map(({ name, stats }) => [name, stats?.tcpport]),
    [
      ['cart-1-a', '11211'],
      ['cart-1-b', '11211'],
    ],
  );
  assert.equal(saved.document.complete, true);
});

test('of a pod that only bears the marks of the release nothing is told, also where it may not be asked', async (t) => {
  const { saved, settings, dialled } = await take(t, releaseBesideMarkedCopy(), {
    onDial: (name) => {
      if (name !== 'copy-1-a') return;
      throw mayNotAsk(name);
    },
  });
  assert.ok(dialled.includes('copy-1-a'), 'by its marks it is one of them');
  assert.deepEqual(
    settings.pods.map(({ name }) => name),
    ['cart-1-a', 'cart-1-b'],
  );
  assert.deepEqual([saved.document.complete, saved.document.skipped], [true, []]);
});

test('pods that may not be asked are named once, as lacking', async (t) => {
  const { saved, settings } = await take(t, installedRelease(), {
    onDial: (name) => {
      throw mayNotAsk(name);
    },
  });
  assert.deepEqual(
    saved.document.skipped.map(({ what }) => what),
    ['the settings that the pods run with'],
  );
  assert.ok(settings.pods.every(({ error }) => error !== undefined));
});

test('what the pods have no say in is written while they are asked', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'take-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { saved } = await take(t, installedRelease(), { folder, answerOnce: () => isWritten(folder) });
  assert.equal(saved.document.settings.podsAnswered, 2);
});

test('a backup that is interrupted while the pods are silent leaves nothing of what was written', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'take-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const interruption = new AbortController();
  const silent = new Promise<void>(() => {});
  const taking = take(t, installedRelease(), {
    folder,
    answerOnce: () => silent,
    signal: interruption.signal,
  });
  const outcome = assert.rejects(taking, InterruptedError);
  await isWritten(folder);
  interruption.abort(new InterruptedError());
  await outcome;
  assert.deepEqual(filesIn(folder), []);
});

test('a backup that is interrupted as its save begins writes nothing after that was dropped', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'take-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const interruption = new AbortController();
  const said: string[] = [];
  t.mock.method(FolderStore.prototype, 'begin', async () => {
    interruption.abort(new InterruptedError());
    return {
      write: () => void said.push('write'),
      save: () => assert.fail('saved'),
      drop: async () => void said.push('drop'),
    };
  });
  const taking = take(t, installedRelease(), { folder, signal: interruption.signal });
  await assert.rejects(taking, InterruptedError);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(said, ['drop']);
});

/** Every file of an object is there, hidden. */
async function isWritten(folder: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (filesIn(folder).some((path) => path.includes('.partial-') && path.endsWith('helm/values.yaml')))
      return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing was written');
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
