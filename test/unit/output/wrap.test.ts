import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsOf, cutTo, wrapText } from '../../../src/output/wrap.ts';

const cases: [string, string, string][] = [
  ['words stay whole', 'error: the server said no', 'error: the server\n  said no'],
  ['what fits stays as it is', '  a    b', '  a    b'],
  ['a word that is longer sticks out', 'see https://example.com/a/b/c.', 'see\n  https://example.com/a/b/c.'],
  ['below the text of a list', '  keep   one two six four', '  keep   one two\n         six four'],
  ['an indented line hangs below itself', '    one two three four', '    one two three\n      four'],
  ['spaces between words stay', 'a  b c d e f g h i j k', 'a  b c d e f g h i\n   j k'],
  ['a command stays whole', 'Next: kubectl get pods -n x', 'Next:\n  kubectl get pods -n x'],
  [
    'also where nothing is gained by a line of its own',
    '  fix: kubectl get pods -n x',
    '  fix: kubectl get pods -n x',
  ],
  [
    'the text before it does not',
    'Next: look at it there first: kubectl get pods',
    'Next: look at it\n  there first:\n  kubectl get pods',
  ],
  [
    'one in brackets ends with them',
    'it is not yours (kubectl get pods -o yaml)',
    'it is not yours\n  (kubectl get pods -o yaml)',
  ],
  [
    'one of two ways',
    'Next: wait, or kubectl delete pod/x --wait',
    'Next: wait, or\n  kubectl delete pod/x --wait',
  ],
  ['a name is no command', 'that kubectl is not on PATH', 'that kubectl is\n  not on PATH'],
  ['each line alone', 'one two three four five\n  six', 'one two three four\n  five\n  six'],
  [
    'letters count, not what paints them',
    '\u001b[31mone two\u001b[39m three 890',
    '\u001b[31mone two\u001b[39m three 890',
  ],
];

describe('on a terminal of 18 columns', () => {
  for (const [name, text, expected] of cases) test(name, () => assert.equal(wrapText(text, 18), expected));
});

test('a command that is painted stays whole, too', () => {
  const line = '    \u001b[36mfix:\u001b[39m kubectl get pods -n cache';
  assert.equal(wrapText(line, 20), line);
});

test('without a terminal, or on one whose width nobody knows, lines stay whole', () => {
  const line = 'word '.repeat(100);
  for (const stream of [
    { isTTY: false, columns: 80 },
    { isTTY: true, columns: 0 },
    { isTTY: true },
    { isTTY: true, columns: 20 },
  ])
    assert.equal(wrapText(line, columnsOf(stream)), line);
  assert.equal(columnsOf({ isTTY: true, columns: 80 }), 80);
});

test('lines of somebody else are wrapped in a time that grows with their length alone', () => {
  const n = 300_000;
  const odd = [
    ' '.repeat(n),
    `a${' '.repeat(n)}`,
    'a'.repeat(n),
    'git x '.repeat(n / 6),
    '(git x'.repeat(n / 6),
    ': '.repeat(n / 2),
  ];
  const began = performance.now();
  for (const line of odd) {
    const joined = wrapText(line, 80).replaceAll(/\s+/g, '');
    assert.equal(joined, line.replaceAll(' ', ''));
  }
  assert.ok(performance.now() - began < 5000);
});

test('what is cut says so', () => {
  assert.deepEqual(
    [cutTo('abcdef', 6), cutTo('abcdefg', 6), cutTo('abcd efg', 6)],
    ['abcdef', 'abcde…', 'abcd…'],
  );
});
