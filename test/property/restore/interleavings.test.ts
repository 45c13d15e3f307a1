import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { restore } from '../../../src/commands/restore.ts';
import { undo } from '../../../src/commands/undo.ts';
import { ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import { cloneJson, type JsonObject } from '../../../src/model/json/json.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  labelsOf,
  type ObjectRef,
  refOf,
  uidOf,
} from '../../../src/model/kubernetes/object.ts';
import type { ModelServer } from '../../support/api-server.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { aRecord } from '../../support/helm-records.ts';
import type { Happening, ModelRequest } from '../../support/model-cluster.ts';
import {
  ADDED,
  BACKUP,
  contextOf,
  copyOf,
  objectsOf,
  RESTORE,
  sameContent,
  serverSince,
  storeWithBackup,
  UNDO,
} from '../../support/released-model.ts';

interface Case {
  history: 'moved' | 'lost';
  /** Whether the server refuses the last object, so that the restore is undone. */
  fails: boolean;
  /** Whether what was written then stays. */
  keeps: boolean;
  /** At which request after the plan somebody else writes, and where it is, and whether that request's answer is lost. */
  at: number;
  loses: boolean;
  change: 'create' | 'update' | 'delete';
  ref: ObjectRef;
}

const recordRef = (revision: number): ObjectRef => refOf(aRecord(revision, 'deployed'));
const TARGETS = [...[...BACKUP, ADDED].map(({ object }) => refOf(object)), ...[1, 2, 3, 4].map(recordRef)];

const cases: fc.Arbitrary<Case> = fc.record({
  history: fc.constantFrom('moved' as const, 'lost' as const),
  fails: fc.boolean(),
  keeps: fc.boolean(),
  at: fc.integer({ min: 1, max: 75 }),
  loses: fc.boolean(),
  change: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
  ref: fc.constantFrom(...TARGETS),
});

const root = await mkdtemp(join(tmpdir(), 'memcached-backup-test-'));
after(() => rm(root, { recursive: true, force: true }));
const store = await storeWithBackup(root);

/** What the restore itself deletes: to be made again, or for good until an undo. */
const DELETED_BY_US = new Set(['recreated', 'added']);

/** The number of runs; more of them find what is rare. */
const RUNS = Number(process.env.RUNS ?? 60);

describe('whatever somebody else does, and whenever, while a restore is under way', () => {
  test('is left as it is, and what is said of the rest is true', async () => {
    await fc.assert(fc.asyncProperty(cases, holds), { numRuns: RUNS });
  });
});

async function holds(given: Case): Promise<void> {
  const folder = await copyOf(store, root);
  const server = serverSince(given.history);
  const before = new Map(server.objects.map((object) => [keyOf(refOf(object)), cloneJson(object)]));
  const others = new Others(server, given);
  const restoring = contextOf(server, folder, others);
  const onFailure = given.keeps ? 'keep' : 'auto';
  const error: unknown = await restore({ ...RESTORE, onFailure }, restoring).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !(error instanceof ToolError)) throw error;
  const said = [error?.message ?? '', error?.untouched ?? '', restoring.io.stderr].join('\n');
  others.assertKept(said);
  assertTrue(server, before, others, { error, said });
  if (error !== undefined) assertStanding(restoring.io.stdout, server, before, others);

  // Whatever it left, an undo does not touch what somebody else wrote either.
  others.isOver = true;
  await undo(UNDO, contextOf(server, folder, {})).catch((reason: unknown) => {
    if (!(reason instanceof ToolError)) throw reason;
  });
  others.assertKept(`after an undo: ${said}`);
  await rm(folder, { recursive: true });
}

/** Somebody else, who writes once; and the faults of the server. */
class Others implements Happening {
  isOver = false;
  readonly #server: ModelServer;
  readonly #case: Case;
  #isLeased = false;
  #isPlanned = false;
  #requestsSince = 0;
  #lost = false;
  /** What they left; null: they deleted it. */
  #left: KubeObject | null | undefined;

  constructor(server: ModelServer, given: Case) {
    this.#server = server;
    this.#case = given;
  }

  before(request: ModelRequest): undefined {
    if (this.isOver) return;
    // The second plan, which is made under the Lease, ends with its dry runs.
    this.#isLeased ||= request.verb === 'create' && request.kind === 'Lease';
    this.#isPlanned ||= this.#isLeased && request.dryRun;
    if (request.dryRun) this.#requestsSince = 0;
    else if (this.#isPlanned && request.kind !== 'Lease') this.#requestsSince++;
    if (this.#left === undefined && this.#isPlanned && this.#requestsSince === this.#case.at) this.#write();
    const { verb, name, kind, dryRun } = request;
    if (this.#case.fails && verb === 'create' && kind === 'Service' && name === 'last' && !dryRun) {
      throw ApiError.fromReply(403, '', { verb, group: '', resource: 'services' });
    }
  }

  after(request: ModelRequest): undefined {
    const isWrite = !['get', 'list'].includes(request.verb) && !request.dryRun && request.kind !== 'Lease';
    if (this.isOver || this.#lost || !this.#case.loses || !isWrite || this.#requestsSince < this.#case.at)
      return;
    this.#lost = true;
    throw new UnreachableError('the server closed the connection before it answered');
  }

  get history(): Case['history'] {
    return this.#case.history;
  }

  get lost(): boolean {
    return this.#lost;
  }

  get wrote(): boolean {
    return this.#left !== undefined;
  }

  get key(): string {
    return keyOf(this.#case.ref);
  }

  #write(): void {
    const { change, ref } = this.#case;
    const there = this.#server.get(ref);
    if (change === 'create' && there === undefined)
      this.#left = cloneJson(this.#server.write(theirs(ref), 'ci'));
    if (change === 'update' && there !== undefined)
      this.#left = cloneJson(this.#server.write(changed(there), 'ci'));
    if (change === 'delete' && there !== undefined) {
      this.#server.delete(ref, uidOf(there));
      this.#left = null;
    }
  }

  /** That nobody touched it since. */
  assertKept(said: string): void {
    if (this.#left === undefined) return;
    const { ref, change } = this.#case;
    const there = this.#server.get(ref);
    const what = `${change} of ${displayName(ref)}\n${said}`;
    // Two deletions at once, of which one got no answer: nobody can tell whose it was, and it is made again as planned.
    if (this.#left === null && this.#lost && DELETED_BY_US.has(ref.name)) return;
    // A number that is free again is that of the next revision.
    if (this.#left === null && this.isOver && ref.name.startsWith('sh.helm.release')) return;
    if (this.#left === null) assert.equal(there, undefined, `it is made again: ${what}`);
    else assert.deepEqual(there, this.#left, `it is not as they left it: ${what}`);
  }
}

/** The very object, or record, that the restore is to write: nothing but who wrote it tells them apart. */
function theirs(ref: ObjectRef): KubeObject {
  const own = [...BACKUP, ADDED].find(({ object }) => keyOf(refOf(object)) === keyOf(ref));
  if (own !== undefined) return own.without('metadata', 'uid').without('metadata', 'resourceVersion').object;
  const revision = Number(ref.name.replace(/^.*\.v/, ''));
  const record = aPendingUpgrade(revision);
  const { uid: _, resourceVersion: _version, ...metadata } = record.metadata as JsonObject;
  return { ...record, metadata };
}

/** Begun this moment. */
function aPendingUpgrade(revision: number): KubeObject {
  return aRecord(revision, 'pending-upgrade', { deployedAt: new Date().toISOString() });
}

function changed(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata as JsonObject;
  if (labelsOf(object).owner !== 'helm')
    return { ...object, metadata: { ...metadata, annotations: { 'example.org/by': 'somebody else' } } };
  const status = 'pending-upgrade';
  const { data } = aPendingUpgrade(Number(labelsOf(object).version));
  return { ...object, data: data!, metadata: { ...metadata, labels: { ...labelsOf(object), status } } };
}

/** Every sentence about where things stand, held against what is there. */
function assertTrue(
  server: ModelServer,
  before: ReadonlyMap<string, KubeObject>,
  others: Others,
  { error, said }: { error: ToolError | undefined; said: string },
): void {
  const keys = new Set([...before.keys(), ...server.objects.map((object) => keyOf(refOf(object)))]);
  const isOurs = (key: string): boolean => !(others.wrote && key === others.key) && !/\/Lease\//.test(key);
  const byKey = new Map(server.objects.map((object) => [keyOf(refOf(object)), object]));
  const wanted = new Map(objectsOf(BACKUP).map((object) => [keyOf(refOf(object)), object]));
  for (const key of [...keys].filter(isOurs)) {
    const [was, is] = [before.get(key), byKey.get(key)];
    if (key.includes('sh.helm.release')) continue;
    const isAsBefore = sameContent(was, is);
    const name = displayName(refOf((is ?? was)!));
    if (error === undefined) {
      // Without a record of Helm's nobody knows what the release got since.
      const stays = key.includes('/Namespace/') || (others.history === 'lost' && name === 'service/added');
      assert.ok(sameContent(wanted.get(key) ?? (stays ? was : undefined), is), `${name}: ${said}`);
    } else if (/as it was before the restore|no object was changed/i.test(error.untouched ?? '')) {
      assert.ok(isAsBefore, `${name} is not as it was: ${said}`);
    } else if (!isAsBefore) {
      assert.match(error.untouched ?? '', new RegExp(`${name} `), `${name} is not named: ${said}`);
    }
  }
  const pending = server.objects.filter(
    (object) => labelsOf(object).status === 'pending-rollback' && isOurs(keyOf(refOf(object))),
  );
  if (pending.length > 0)
    assert.match(said, /stays pending|Not known|not known/, `nothing stays blocked: ${said}`);
  // A record of Helm's that somebody wrote since says what they say.
  if (error === undefined && !(others.wrote && others.key.includes('sh.helm.release'))) {
    const deployed = server.objects.filter((object) => labelsOf(object).status === 'deployed').map(refOf);
    assert.equal(deployed.filter((ref) => isOurs(keyOf(ref))).length, 1, said);
  }
}

/** What the data says of each object, held against what is there. */
function assertStanding(
  stdout: string,
  server: ModelServer,
  before: ReadonlyMap<string, KubeObject>,
  others: Others,
): void {
  const { outcome, standing, undo: back } = parseDocumented(stdout);
  const told = new Map<string, string>(
    standing.map(({ ref, state }: { ref: ObjectRef; state: string }) => [keyOf(ref), state]),
  );
  assert.equal(told.size, standing.length, `each object once: ${stdout}`);
  const keys = new Set([...before.keys(), ...server.objects.map((object) => keyOf(refOf(object)))]);
  for (const key of keys) {
    if (/\/Lease\//.test(key) || (others.wrote && key === others.key)) continue;
    const [was, is, state = 'as-before'] = [before.get(key), byKeyIn(server, key), told.get(key)];
    const isTrue = {
      'as-before': key.includes('sh.helm.release')
        ? (was === undefined) === (is === undefined)
        : sameContent(was, is),
      created: was === undefined && is !== undefined,
      replaced: was !== undefined && is !== undefined && uidOf(was) === uidOf(is),
      recreated: was !== undefined && is !== undefined && uidOf(was) !== uidOf(is),
      deleted: was !== undefined && is === undefined,
      'not-known': others.lost,
    }[state];
    assert.equal(isTrue, true, `${key} is not ${state}: ${stdout}`);
  }
  const isOther = [...told.values()].some((state) => state !== 'as-before');
  assert.equal(outcome === 'not-begun', outcome !== 'undone' && !isOther, stdout);
  assert.equal(back !== undefined, ['failed', 'broken-off'].includes(outcome), stdout);
}

function byKeyIn(server: ModelServer, key: string): KubeObject | undefined {
  return server.objects.find((object) => keyOf(refOf(object)) === key);
}
