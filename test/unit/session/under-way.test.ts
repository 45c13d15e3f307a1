import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import type { IO } from '../../../src/output/io.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { reading, showing } from '../../../src/session/under-way.ts';

/** An IO that tells what is shown at any moment. */
function watched(): { io: IO; shown: () => string | undefined } {
  let shown: string | undefined;
  const io: IO = {
    ...createMemoryIO(),
    progress: (text) => {
      shown = text;
      return {
        update: (next) => {
          shown = next;
        },
        done: () => {
          shown = undefined;
        },
      };
    },
  };
  return { io, shown: () => shown };
}

describe('what is under way is shown', () => {
  test('until it is done, with the words that it is at', async () => {
    const { io, shown } = watched();
    const seen = await showing(io, 'Writing', async (update) => {
      const first = shown();
      update('service/cart replaced');
      return [first, shown()];
    });
    assert.deepEqual(seen, ['Writing', 'service/cart replaced']);
    assert.equal(shown(), undefined);
  });

  test('and no longer where it fails, also before it began to wait', async () => {
    for (const work of [
      async () => Promise.reject(new Error('no')),
      (): Promise<never> => {
        throw new Error('no');
      },
    ]) {
      const { io, shown } = watched();
      await assert.rejects(showing(io, 'Writing', work), /no/);
      await assert.rejects(reading({ io, signal: new AbortController().signal }, 'Looking', '', work), /no/);
      assert.equal(shown(), undefined);
    }
  });

  test('and no longer than until Ctrl-C where it only reads', async () => {
    const { io, shown } = watched();
    const interruption = new AbortController();
    const { promise: never } = Promise.withResolvers<void>();
    const looking = reading(
      { io, signal: interruption.signal },
      'Looking',
      'nothing was changed',
      () => never,
    );
    assert.equal(shown(), 'Looking');
    interruption.abort();
    await assert.rejects(looking, (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.untouched, 'nothing was changed');
      return true;
    });
    assert.equal(shown(), undefined);
  });
});
