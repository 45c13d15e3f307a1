import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memcachedWordsOf } from '../../../../src/model/settings/shell-command.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

test('words in single quotes come back as they were, whatever they hold', () => {
  // A flag first: what stands there by itself could be an argument of anything.
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      fc.pre(words.every((word) => !word.includes('<<') && !word.includes('\uffff')));
      const script = `true; exec memcached ${words.map(quoted).join(' ')}`;
      assert.deepEqual(
        memcachedWordsOf({ script, parameters: [] }, () => undefined),
        words,
      );
    }),
  );
});

test('no script makes it throw or run on', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'memcached',
      '-p',
      '$',
      '${',
      '}',
      '$(',
      ')',
      '`',
      '"',
      "'",
      '\\',
      ' ',
      ';',
      '\n',
      '$@',
      'A=1',
      '#',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      memcachedWordsOf({ script: pieces.join(''), parameters: ['sh', '-m'] }, () => undefined);
    }),
  );
});
