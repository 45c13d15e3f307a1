import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { restore } from '../../src/commands/restore.ts';
import { undo } from '../../src/commands/undo.ts';
import { ExitCode } from '../../src/errors/exit-code.ts';
import { cloneJson, type JsonObject, objectAt, stringAt } from '../../src/model/json/json.ts';
import { type KubeObject, keyOf, labelsOf, refOf } from '../../src/model/kubernetes/object.ts';
import type { CommandContext } from '../../src/session/context.ts';
import type { ModelServer } from './api-server.ts';
import type { Happening, ModelRequest } from './model-cluster.ts';
import {
  BACKUP,
  contextOf,
  copyOf,
  objectsOf,
  RESTORE,
  type Since,
  sameContent,
  serverSince,
  storeWithBackup,
  UNDO,
} from './released-model.ts';

/** The released model in whole operations, whose every write something can happen at. */

const root = await mkdtemp(join(tmpdir(), 'memcached-backup-test-'));
// What was left standing may still be writing.
after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
const store = await storeWithBackup(root);

export function writesTo({ verb, dryRun }: ModelRequest): boolean {
  return !dryRun && verb !== 'get' && verb !== 'list';
}

/** There are no pods here that could prove it. */
const DONE = new Set<ExitCode>([ExitCode.ok, ExitCode.incomplete]);

export type Operation = (context: CommandContext) => Promise<ExitCode>;
export const restoring: Operation = (context) => restore(RESTORE, context);
export const undoing: Operation = (context) => undo(UNDO, context);

/** What is in the cluster, and the store beside it. */
export interface Scene {
  server: ModelServer;
  folder: string;
  since: Since;
  before: ReadonlyMap<string, KubeObject>;
}

export async function scene(since: Since): Promise<Scene> {
  const server = serverSince(since);
  return { server, folder: await copyOf(store, root), since, before: released(server) };
}

/** An operation that nothing happens to. */
export async function ends({ server, folder }: Scene, operation: Operation): Promise<void> {
  const context = contextOf(server, folder, {});
  assert.ok(DONE.has(await operation(context)), context.io.stderr);
}

/** Who holds the Lease is no process of this machine any more. */
export function holderDies(server: ModelServer): void {
  for (const lease of server.objects.filter(({ kind }) => kind === 'Lease')) {
    const spec = objectAt(lease, 'spec')!;
    spec.holderIdentity = stringAt(spec, 'holderIdentity')!.replace(/\/\d+/, '/999999999');
  }
}

/** How many requests of the last operation write, the Lease's included, where nothing happens to it. */
export async function writesOf(since: Since, operations: Operation[]): Promise<number> {
  const all = await scene(since);
  for (const operation of operations.slice(0, -1)) await ends(all, operation);
  let writes = 0;
  const count: Happening = {
    before: (request) => {
      if (writesTo(request)) writes++;
      return undefined;
    },
  };
  const context = contextOf(all.server, all.folder, count);
  assert.ok(DONE.has(await operations.at(-1)!(context)), context.io.stderr);
  assert.ok(writes >= 6, `there are writes that something can happen at: ${writes}`);
  return writes;
}

/** Everything but Helm's records and Leases. */
function released(server: ModelServer): Map<string, KubeObject> {
  const objects = server.objects.filter((object) => object.kind !== 'Lease' && !isRecord(object));
  return new Map(objects.map((object) => [keyOf(refOf(object)), cloneJson(object)]));
}

function isRecord(object: KubeObject): boolean {
  return labelsOf(object).owner === 'helm';
}

/** The content of every object, and who owns which field. */
function assertHolds({ server }: Scene, wanted: ReadonlyMap<string, KubeObject>, what: string): void {
  const there = released(server);
  assert.deepEqual([...there.keys()].sort(), [...wanted.keys()].sort(), what);
  for (const [key, object] of there) {
    assert.ok(sameContent(object, wanted.get(key)), `${key} differs: ${what}`);
    assert.deepEqual(ownersOf(object), ownersOf(wanted.get(key)!), `owners of ${key}: ${what}`);
  }
}

function ownersOf(object: KubeObject): unknown {
  return (objectAt(object, 'metadata') as JsonObject).managedFields;
}

/** One revision is deployed, the newest; none is pending; nobody holds the Lease. */
function assertClosed({ server }: Scene, isInstalled: boolean, what: string): void {
  const records = server.objects.filter(isRecord).map(labelsOf);
  const newest = Math.max(...records.map(({ version }) => Number(version)));
  const open = records.filter(({ status }) => status === 'deployed' || status?.startsWith('pending'));
  assert.deepEqual(
    open.map(({ version, status }) => `${version} ${status}`),
    isInstalled ? [`${newest} deployed`] : [],
    what,
  );
  const leases = server.objects.filter(({ kind }) => kind === 'Lease');
  assert.deepEqual(leases, [], what);
}

/** The objects are as before the restore, and Helm's records and the Lease say that nobody is at work. */
export function assertAsBefore(now: Scene, what: string): void {
  assertHolds(now, now.before, what);
  assertClosed(now, now.since === 'moved', what);
}

/** The objects are those of the backup, with the same closing. */
export function assertRestored(now: Scene, what: string): void {
  const wanted = new Map(objectsOf(BACKUP).map((object) => [keyOf(refOf(object)), object]));
  // The namespace, and what nobody but Helm knew to be the release's.
  const stays = (key: string) =>
    key.includes('/Namespace/') || (now.since === 'lost' && key.endsWith('/added'));
  for (const [key, object] of now.before) if (stays(key)) wanted.set(key, object);
  assertHolds(now, wanted, what);
  assertClosed(now, true, what);
}
