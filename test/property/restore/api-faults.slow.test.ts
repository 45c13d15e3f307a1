import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { Happening, ModelRequest } from '../../support/model-cluster.ts';
import { contextOf } from '../../support/released-model.ts';
import {
  assertAsBefore,
  assertRestored,
  ends,
  holderDies,
  restoring,
  scene,
  undoing,
  writesOf,
  writesTo,
} from '../../support/restore-scene.ts';

/**
 * Every fault of the API server at every single write of a restore. test/e2e/api-faults.test.ts does each of them once,
 * with a real server behind a proxy.
 */

const SERVER = { verb: 'update', group: '', resource: 'objects' };
const UNHEARD = () => new UnreachableError('the server closed the connection before it answered');

const FAULTS: { what: string; side: 'before' | 'after'; error: () => Error; passes: boolean }[] = [
  {
    what: '500 instead of the write',
    side: 'before',
    error: () => ApiError.fromReply(500, '', SERVER),
    passes: true,
  },
  {
    what: '429 instead of the write',
    side: 'before',
    error: () => ApiError.fromReply(429, '', SERVER),
    passes: true,
  },
  { what: 'the connection broke before the write', side: 'before', error: UNHEARD, passes: true },
  { what: 'the connection broke after the write', side: 'after', error: UNHEARD, passes: true },
  {
    what: '403 instead of the write',
    side: 'before',
    error: () => ApiError.fromReply(403, '', SERVER),
    passes: false,
  },
];

/** At the `at`-th request that writes, or at this and everything from then on. */
function faultAt(at: number, side: 'before' | 'after', error: () => Error, isForGood = false): Happening {
  let writes = 0;
  const happens = (request: ModelRequest, now: 'before' | 'after'): undefined => {
    const isWrite = writesTo(request);
    if (isWrite && now === 'before') writes++;
    const isIt = isForGood ? writes >= at : isWrite && writes === at;
    if (isIt && now === side) throw error();
  };
  return {
    before: (request) => happens(request, 'before'),
    after: (request) => happens(request, 'after'),
  };
}

// One fault after the other: a restore that gets no time renews its Lease, which is another write.
describe('a fault of the API server at any write of a restore', () => {
  for (const { what, side, error, passes } of FAULTS) {
    test(`${what}: ${passes ? 'is waited for' : 'the restore is undone'}`, async () => {
      const count = await writesOf('moved', [restoring]);
      const tries = Array.from({ length: count }, async (_, index) => {
        const now = await scene('moved');
        const context = contextOf(now.server, now.folder, faultAt(index + 1, side, error));
        const failure = await restoring(context).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        const shown = `at write ${index + 1}: ${failure}\n${context.io.stderr}`;
        // The last write gives the Lease back, when everything is proved.
        if (passes || index + 1 === count) {
          assert.equal(failure, undefined, shown);
          if (index + 1 < count) assertRestored(now, shown);
        } else {
          assert.ok(failure instanceof ToolError, shown);
          assertAsBefore(now, shown);
        }
      });
      await Promise.all(tries);
    });
  }

  test('it goes away for good: undo completes later, whatever had been written', async () => {
    const count = await writesOf('moved', [restoring]);
    const tries = Array.from({ length: count - 2 }, async (_, index) => {
      const at = index + 2;
      const now = await scene('moved');
      const context = contextOf(now.server, now.folder, faultAt(at, 'before', UNHEARD, true));
      await assert.rejects(restoring(context), ToolError);
      holderDies(now.server);
      await ends(now, undoing);
      assertAsBefore(now, `gone from write ${at} on: ${context.io.stderr}`);
    });
    await Promise.all(tries);
  });
});
