import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAIN_SPELLING } from '../../src/advice/spell.ts';
import { takeBackup } from '../../src/backup/take-backup.ts';
import type { HelmRevision } from '../../src/model/helm/helm-release.ts';
import { type JsonObject, jsonEqual, objectAt, stringAt } from '../../src/model/json/json.ts';
import type { KubeObject } from '../../src/model/kubernetes/object.ts';
import { createMemoryIO } from '../../src/output/memory-io.ts';
import type { RestoreOptions } from '../../src/restore/restore-session.ts';
import type { UndoOptions } from '../../src/restore/undo/undo.ts';
import type { CommandContext } from '../../src/session/context.ts';
import { LastWords } from '../../src/session/last-words.ts';
import { FolderStore } from '../../src/store/folder/folder-store.ts';
import { ModelServer } from './api-server.ts';
import { aRevision } from './helm-records.ts';
import { aNamespace } from './live-release.ts';
import { type Happening, modelCluster } from './model-cluster.ts';
import { aConfigMap, aSecret, aService, type Fixture } from './objects.ts';
import { namesOf } from './restore-model.ts';

/**
 * A release "cart" in namespace "shop" that changed since its backup, on a model of the API server: its restore has an
 * object of each kind to write: replaced, created, deleted and made again, deleted, and the last one.
 */

const owned = (fixture: Fixture): Fixture => fixture.served().ownedBy('helm', { 'f:data': {} });
const REPLACED = owned(aConfigMap('replaced'));
const CREATED = owned(aConfigMap('created'));
const LAST = owned(aService('last'));
const RECREATED = owned(aSecret('recreated', { password: 'correct-horse' }));
/** What the release got since. */
export const ADDED = owned(aService('added'));
export const BACKUP = [REPLACED, CREATED, RECREATED, LAST];
const NOW = [
  REPLACED.with({ data: { 'memcached.conf': '-m 1' } }),
  RECREATED.with({ type: 'example.com/other' }),
  ADDED,
];
const SYSTEM: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' },
};

const RELEASED = [aRevision(1, 'deployed', { manifest: namesOf(BACKUP), config: { at: 1 } })];
const MOVED = [
  aRevision(1, 'superseded', { manifest: namesOf(BACKUP), config: { at: 1 } }),
  aRevision(2, 'deployed', { manifest: namesOf(NOW), config: { at: 2 } }),
];

/** What became of it: the release moved on, Helm's history was lost, or all of it was removed. */
export type Since = 'moved' | 'lost' | 'removed';

/** The server of today. */
export function serverSince(since: Since): ModelServer {
  const objects = since === 'removed' ? [] : objectsOf(NOW);
  return new ModelServer([aNamespace(), SYSTEM, ...objects, ...recordsOf(since === 'moved' ? MOVED : [])]);
}

/** The store with the release's backup, in a folder of its own below `root`. */
export async function storeWithBackup(root: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'store-'));
  const server = new ModelServer([aNamespace(), SYSTEM, ...objectsOf(BACKUP), ...recordsOf(RELEASED)]);
  const context = contextOf(server, folder, {});
  const options = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt: new Date() };
  await takeBackup(await context.kube(), await context.store(), options, context);
  return folder;
}

/** Its own copy of a store. */
export async function copyOf(store: string, root: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'store-'));
  await cp(store, folder, { recursive: true });
  return folder;
}

export const RESTORE: RestoreOptions = {
  selector: 'cart',
  yes: true,
  dryRun: 'none',
  output: 'json',
  timeoutMs: 1000,
  wholeRelease: false,
  force: false,
  recreate: false,
  includeReferenced: false,
  restart: false,
  skipKinds: [],
  newAddresses: false,
  onFailure: 'auto',
};

export const UNDO: UndoOptions = { release: 'cart', yes: true, output: 'table', timeoutMs: 1000 };

export type ModelContext = CommandContext & { io: ReturnType<typeof createMemoryIO> };

export function contextOf(server: ModelServer, folder: string, happening: Happening): ModelContext {
  const kube = modelCluster(server, happening);
  const store = new FolderStore(folder);
  return {
    io: createMemoryIO(),
    kube: async () => kube,
    store: async () => store,
    stateFolder: async () => undefined,
    now: () => new Date(),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
}

export function objectsOf(fixtures: Fixture[]): KubeObject[] {
  return fixtures.map(({ object }) => object);
}

function recordsOf(history: HelmRevision[]): KubeObject[] {
  return history.map(({ record }) => record);
}

/** Equal but for what the server sets: both absent counts. A Service made again has another address. */
export function sameContent(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const content = (object: KubeObject): JsonObject => {
    const { metadata: _, ...rest } = object;
    const spec = { ...(objectAt(rest, 'spec') ?? {}) };
    delete spec.clusterIP;
    delete spec.clusterIPs;
    return { ...rest, spec, annotations: objectAt(object, 'metadata', 'annotations') ?? {} };
  };
  return (
    jsonEqual(content(a), content(b)) && stringAt(a, 'metadata', 'name') === stringAt(b, 'metadata', 'name')
  );
}
