import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import type { SpinnerLine } from '../../../src/output/spinner.ts';
import { UnderWay } from '../../../src/output/under-way.ts';

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 });
});

/** Seconds, one by one: a tick of the mock has its end's time throughout. */
function pass(seconds: number): void {
  for (let each = 0; each < seconds; each++) mock.timers.tick(1000);
}

test('without a terminal a line every 15 s of what is waited for, with the time and its limit', () => {
  const said: string[] = [];
  const underWay = new UnderWay({
    spinner: undefined,
    say: (line) => said.push(line),
    filtered: (text) => text,
    columns: () => undefined,
  });
  const progress = underWay.start('Writing');
  pass(40);
  assert.deepEqual(said, [], 'nothing is waited for yet');
  progress.update('deployment.apps/cart: 0 of 2 pods', { since: Date.now(), limitMs: 300_000 });
  pass(35);
  assert.deepEqual(said, [
    'deployment.apps/cart: 0 of 2 pods (15s of 5m)',
    'deployment.apps/cart: 0 of 2 pods (30s of 5m)',
  ]);
  progress.done();
  pass(60);
  assert.equal(said.length, 2);
  assert.equal(underWay.newest, undefined);
});

test('on a terminal the time goes on by the second, and the row is never longer than the terminal', () => {
  const shown: string[] = [];
  const spinner = {
    start: (text: string) => {
      shown.push(text);
      return { update: (next: string) => shown.push(next), done: () => {} };
    },
  } as unknown as SpinnerLine;
  const underWay = new UnderWay({
    spinner,
    say: assert.fail,
    filtered: (text) => text.replace('hunter22', '***'),
    columns: () => 40,
  });
  const progress = underWay.start('Reading hunter22');
  pass(4);
  assert.deepEqual([shown[0], shown.at(-1)], ['Reading ***', 'Reading *** (4s)']);
  progress.update(`${'waiting '.repeat(10)}`, { since: Date.now(), limitMs: 300_000 });
  pass(7);
  assert.equal(shown.at(-1), 'waiting waiting waiting w… (7s of 5m)');
  assert.ok(shown.every((text) => text.length <= 37));
  progress.done();
});
