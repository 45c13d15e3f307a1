import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresAsRatios } from '../../../scripts/bench/figures.ts';
import { idleShare } from '../../../scripts/bench/idle.ts';

test('a figure says whether its bound holds, by the ratio that is shown', () => {
  const figure = { what: '`backup`', yardstick: 'kubectl', theirs: 1000 };
  const table = figuresAsRatios(
    [
      { ...figure, ours: 754, atMost: 0.75 },
      { ...figure, ours: 756, atMost: 0.75 },
      { ...figure, ours: 2000 },
    ],
    [{ what: 'the executable', amount: '153 MiB' }],
  );
  assert.deepEqual(table.split('\n').slice(2), [
    '| `backup` | kubectl | 0.75x | 0.75x | holds |',
    '| `backup` | kubectl | 0.76x | 0.75x | missed |',
    '| `backup` | kubectl | 2.00x |  |  |',
    '',
    'the executable: 153 MiB.',
  ]);
});

test('idle is what no processor did between two looks, waiting for a disk included', () => {
  const before = 'cpu  3187048 30891 1304191 793963 29819 0 47757 3730 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  const after = 'cpu  3187148 30891 1304241 794163 29869 0 47757 3730 0 0\ncpu0 9 9 9 9 9 9 9 9 0 0\n';
  assert.equal(idleShare(before, after), 250 / 400);
  // Time of a guest counts as the user's already.
  assert.equal(idleShare('cpu  0 0 0 0 0 0 0 0 0 0', 'cpu  100 0 0 100 0 0 0 0 100 0'), 0.5);
  assert.equal(idleShare(before, before), 0);
});
