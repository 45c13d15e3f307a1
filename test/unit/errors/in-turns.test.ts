import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurns } from '../../../src/errors/in-turns.ts';

test('what is done in turns lets timers run in between, and has the result of the work', async () => {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 1);
  // It would never end if nothing else had its turn.
  function* work(): Generator<undefined, string> {
    while (!fired) yield;
    return 'done';
  }
  assert.equal(await inTurns(work()), 'done');
});

test('an error of the work is the error of its turns', async () => {
  function* work(): Generator<undefined, void> {
    yield;
    throw new Error('no');
  }
  await assert.rejects(inTurns(work()), { message: 'no' });
});
