import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { leaseRef } from '../../../src/model/kubernetes/lease.ts';
import { uidOf } from '../../../src/model/kubernetes/object.ts';
import { isAbandoned } from '../../../src/restore/lease/release-lease.ts';
import type { Happening, ModelRequest } from '../../support/model-cluster.ts';
import { contextOf, type Since } from '../../support/released-model.ts';
import {
  assertAsBefore,
  assertRestored,
  ends,
  holderDies,
  type Operation,
  restoring,
  type Scene,
  scene,
  undoing,
  writesOf,
  writesTo,
} from '../../support/restore-scene.ts';

/**
 * kill -9, tried at every single write: the run stands still for ever at that moment, with what its journal has on
 * the disk by then. test/e2e/cut-off.test.ts does some of these to real processes on a real cluster.
 */

interface Moment {
  /** Of its requests that write, the Lease's included. */
  write: number;
  /** Whether the server has done it when the program dies. */
  side: 'before' | 'after';
}

/** It dies at a moment: nothing that it asked for is ever answered, and it asks for nothing more. */
class Death implements Happening {
  readonly came: Promise<void>;
  readonly #moment: Moment;
  #dies!: () => void;
  #isDead = false;
  #writes = 0;

  constructor(moment: Moment) {
    this.#moment = moment;
    this.came = new Promise((resolve) => {
      this.#dies = resolve;
    });
  }

  before(request: ModelRequest): Promise<never> | undefined {
    if (this.#isDead) return NEVER;
    if (!writesTo(request)) return undefined;
    this.#writes++;
    return this.#at('before');
  }

  after(request: ModelRequest): Promise<never> | undefined {
    if (this.#isDead) return NEVER;
    return writesTo(request) ? this.#at('after') : undefined;
  }

  #at(side: Moment['side']): Promise<never> | undefined {
    if (this.#moment.write !== this.#writes || this.#moment.side !== side) return undefined;
    this.#isDead = true;
    this.#dies();
    return NEVER;
  }
}

const NEVER = new Promise<never>(() => {});

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
  holderDies(server);
}

/** Every moment of the last of these operations. */
async function momentsOf(since: Since, operations: Operation[]): Promise<Moment[]> {
  const count = await writesOf(since, operations);
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((write) => [
    { write, side: 'before' as const },
    { write, side: 'after' as const },
  ]);
}

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
