import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { restore } from '../../../src/commands/restore.ts';
import { undo } from '../../../src/commands/undo.ts';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { cloneJson, type JsonObject, objectAt, stringAt } from '../../../src/model/json/json.ts';
import { leaseRef } from '../../../src/model/kubernetes/lease.ts';
import { type KubeObject, keyOf, labelsOf, refOf, uidOf } from '../../../src/model/kubernetes/object.ts';
import { isAbandoned } from '../../../src/restore/lease/lease.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import type { ModelServer } from '../../support/api-server.ts';
import type { Happening, ModelRequest } from '../../support/model-cluster.ts';
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
} from '../../support/released-model.ts';

/**
 * kill -9, tried at every single write: the run stands still for ever at that moment, with what its journal has on
 * the disk by then. test/e2e/cut-off.test.ts does some of these to real processes on a real cluster.
 */

const root = await mkdtemp(join(tmpdir(), 'memcached-backup-test-'));
after(() => rm(root, { recursive: true, force: true }));
const store = await storeWithBackup(root);

interface Moment {
  /** Of its requests that write, the Lease's included. */
  write: number;
  /** Whether the server has done it when the program dies. */
  side: 'before' | 'after';
}

/** It dies at a moment: nothing that it asked for is ever answered, and it asks for nothing more. */
class Death implements Happening {
  readonly came: Promise<void>;
  readonly #moment: Moment | undefined;
  #dies!: () => void;
  #isDead = false;
  /** Requests that write, so far. */
  writes = 0;

  constructor(moment?: Moment) {
    this.#moment = moment;
    this.came = new Promise((resolve) => {
      this.#dies = resolve;
    });
  }

  before(request: ModelRequest): Promise<never> | undefined {
    if (this.#isDead) return NEVER;
    if (!writesTo(request)) return undefined;
    this.writes++;
    return this.#at('before');
  }

  after(request: ModelRequest): Promise<never> | undefined {
    if (this.#isDead) return NEVER;
    return writesTo(request) ? this.#at('after') : undefined;
  }

  #at(side: Moment['side']): Promise<never> | undefined {
    if (this.#moment?.write !== this.writes || this.#moment.side !== side) return undefined;
    this.#isDead = true;
    this.#dies();
    return NEVER;
  }
}

const NEVER = new Promise<never>(() => {});

function writesTo({ verb, dryRun }: ModelRequest): boolean {
  return !dryRun && verb !== 'get' && verb !== 'list';
}

/** There are no pods here that could prove it. */
const DONE = new Set<ExitCode>([ExitCode.ok, ExitCode.incomplete]);

type Operation = (context: CommandContext) => Promise<ExitCode>;
const OPERATIONS: Record<'restore' | 'undo', Operation> = {
  restore: (context) => restore(RESTORE, context),
  undo: (context) => undo(UNDO, context),
};

/** What is in the cluster, and the store beside it. */
interface Scene {
  server: ModelServer;
  folder: string;
  since: Since;
  before: ReadonlyMap<string, KubeObject>;
}

async function scene(since: Since): Promise<Scene> {
  const server = serverSince(since);
  return { server, folder: await copyOf(store, root), since, before: released(server) };
}

async function ends({ server, folder }: Scene, operation: Operation): Promise<void> {
  const context = contextOf(server, folder, {});
  assert.ok(DONE.has(await operation(context)), context.io.stderr);
}

/** There is nothing to do for it. A Lease that nobody alive holds is left to whoever comes next. */
async function isRefused({ server, folder }: Scene, operation: Operation, why: RegExp): Promise<void> {
  const isSaid = (error: unknown): boolean => error instanceof ToolError && why.test(error.message);
  await assert.rejects(operation(contextOf(server, folder, {})), isSaid);
  const lease = leaseRef('shop', 'cart');
  const held = server.get(lease);
  if (held === undefined) return;
  assert.ok(isAbandoned(held));
  server.delete(lease, uidOf(held));
}

async function isKilled({ server, folder }: Scene, operation: Operation, moment: Moment): Promise<void> {
  const death = new Death(moment);
  const context = contextOf(server, folder, death);
  const ended = operation(context).then(
    () => assert.fail(`it ended before write ${moment.write}: ${context.io.stderr}`),
    (error: unknown) => {
      throw error;
    },
  );
  await Promise.race([ended, death.came]);
  // Who held the Lease is no process of this machine any more.
  for (const lease of server.objects.filter(({ kind }) => kind === 'Lease')) {
    const spec = objectAt(lease, 'spec')!;
    spec.holderIdentity = stringAt(spec, 'holderIdentity')!.replace(/\/\d+/, '/999999999');
  }
}

/** Every moment of an operation that is left alone. */
async function momentsOf(since: Since, operations: Operation[]): Promise<Moment[]> {
  const all = await scene(since);
  for (const operation of operations.slice(0, -1)) await ends(all, operation);
  const count = new Death();
  const context = contextOf(all.server, all.folder, count);
  assert.ok(DONE.has(await operations.at(-1)!(context)), context.io.stderr);
  assert.ok(count.writes >= 6, `there are writes to be killed at: ${count.writes}`);
  return Array.from({ length: count.writes }, (_, index) => index + 1).flatMap((write) => [
    { write, side: 'before' as const },
    { write, side: 'after' as const },
  ]);
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

function assertAsBefore(now: Scene, what: string): void {
  assertHolds(now, now.before, what);
  assertClosed(now, now.since === 'moved', what);
}

function assertRestored(now: Scene, what: string): void {
  const wanted = new Map(objectsOf(BACKUP).map((object) => [keyOf(refOf(object)), object]));
  // The namespace, and what nobody but Helm knew to be the release's.
  const stays = (key: string) =>
    key.includes('/Namespace/') || (now.since === 'lost' && key.endsWith('/added'));
  for (const [key, object] of now.before) if (stays(key)) wanted.set(key, object);
  assertHolds(now, wanted, what);
  assertClosed(now, true, what);
}

const { restore: restoring, undo: undoing } = OPERATIONS;

for (const since of ['moved', 'lost', 'removed'] as const) {
  describe(`of a release that was backed up and ${since === 'lost' ? 'whose history was' : 'is'} ${since} since`, () => {
    test('a restore that is killed at any write: undo takes it back, and a restore completes it', async () => {
      for (const [index, moment] of (await momentsOf(since, [restoring])).entries()) {
        const what = `killed ${moment.side} write ${moment.write}`;
        const undone = await scene(since);
        await isKilled(undone, restoring, moment);
        // What came no further than its Lease is no restore.
        const isNone = moment.write === 1;
        if (isNone) await isRefused(undone, undoing, /no restore|wrote nothing/);
        else await ends(undone, undoing);
        assertAsBefore(undone, `${what}, then undo`);

        const completed = await scene(since);
        await isKilled(completed, restoring, moment);
        await ends(completed, restoring);
        assertRestored(completed, `${what}, then restore`);
        if (index % 4 !== 0) continue;
        await ends(completed, undoing);
        assertAsBefore(completed, `${what}, then restore, then undo`);
      }
    });

    test('an undo that is killed at any write: the next undo completes it, and a restore goes back', async () => {
      const moments = await momentsOf(since, [restoring, undoing]);
      for (const [index, moment] of moments.entries()) {
        const what = `undo killed ${moment.side} write ${moment.write}`;
        const completions = [
          [undoing, assertAsBefore],
          [restoring, assertRestored],
        ] as const;
        for (const [next, assertIs] of completions.slice(0, index % 3 === 0 ? 2 : 1)) {
          const now = await scene(since);
          await ends(now, restoring);
          await isKilled(now, undoing, moment);
          // It had only its Lease to give back.
          const isDone = next === undoing && index >= moments.length - 2;
          if (isDone) await isRefused(now, undoing, /was undone already/);
          else await ends(now, next);
          assertIs(now, `${what}, then ${next === undoing ? 'undo' : 'restore'}`);
        }
      }
    });
  });
}
