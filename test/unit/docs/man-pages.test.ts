import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { manPages } from '../../../scripts/docs/man-pages.ts';
import { roffText, typed } from '../../../scripts/docs/roff-text.ts';
import { helpPages } from '../../../src/cli/help-pages.ts';

const pages = manPages();

/** Of man(7), and no others. */
const MACROS = new Set(['TH', 'SH', 'PP', 'TP', 'B', 'BR', 'RS', 'RE', 'nf', 'fi', 'nh', 'ad']);

test('every page of help is a man page, named as Git names those of its commands', () => {
  const names = [...helpPages().keys()].map((command) =>
    ['kubectl-memcached_backup', ...command.split(' ').filter(Boolean)].join('-'),
  );
  assert.deepEqual(
    [...pages.keys()],
    names.map((name) => `${name}.1`),
  );
});

test('man pages are ASCII, and nothing of what help says is taken for a request', () => {
  for (const [name, text] of pages) {
    assert.match(text, /^[\x0a\x20-\x7e]+$/, name);
    for (const [, macro = ''] of text.matchAll(/^[.'](\S*)/gm))
      assert.ok(MACROS.has(macro), `${name}: ${macro}`);
    assert.match(text, /^\.SH NAME\nkubectl\\-memcached_backup\S* \\- [a-z].+$/m, name);
  }
});

test('what is typed is copied as it is typed, and a line of text is no request', () => {
  assert.equal(typed('./a --b "c" \\'), '\\&./a \\-\\-b \\(dqc\\(dq \\e');
  assert.equal(roffText('.x: --keep-last, of re-read'), '\\&.x: \\-\\-keep-last, of re-read');
  assert.throws(() => roffText('ü'), /no ASCII for "ü"/);
});

const groff = spawnSync('groff', ['--version']).status === 0;

test('groff takes each man page without a warning', { skip: groff ? false : 'no groff here' }, () => {
  const { stderr, stdout, status } = spawnSync('groff', ['-man', '-Tascii', '-ww'], {
    input: [...pages.values()].join(''),
    encoding: 'utf8',
  });
  assert.deepEqual([stderr, status], ['', 0]);
  assert.match(stdout, /kubectl memcached-backup restore RELEASE\[@ID\]/);
});
