import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  markdownBlock,
  markdownCode,
  markdownQuote,
  markdownTable,
  markdownText,
} from '../../../src/output/markdown.ts';

describe('text of somebody else', () => {
  const cases: [text: string, markdown: string][] = [
    ['a plain clause, 26 h old', 'a plain clause, 26 h old'],
    ['*bold* _it_ `code` ~~gone~~', '\\*bold\\* \\_it\\_ \\`code\\` \\~\\~gone\\~\\~'],
    ['[link](http://x) <b>&amp;', '\\[link\\](http://x) \\<b\\>\\&amp;'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['a | b', 'a \\| b'],
    ['two\nlines\u001b[2J', 'two\\\\nlines\\\\u001b\\[2J'],
  ];
  for (const [text, markdown] of cases) {
    test(JSON.stringify(text), () => assert.equal(markdownText(text), markdown));
  }
});

describe('a code span holds whatever it is given', () => {
  const cases: [text: string, markdown: string][] = [
    ['cart', '`cart`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a``b```', '```` a``b``` ````'],
    [' x ', '`  x  `'],
    ['a\nb', '`a\\nb`'],
    ['', ''],
  ];
  for (const [text, markdown] of cases) {
    test(JSON.stringify(text), () => assert.equal(markdownCode(text), markdown));
  }
});

test('a block of code is not ended by what it holds', () => {
  assert.equal(markdownBlock(['a', '```', '````sh'], 'sh'), '`````sh\na\n```\n````sh\n`````\n');
  assert.equal(markdownBlock(['one\ntwo'], 'sh'), '```sh\none\\ntwo\n```\n');
});

test('a cell is not ended by a bar, in a code span neither', () => {
  assert.equal(
    markdownTable(['A', 'B'], [[markdownCode('x|y'), markdownText('p|q')]]),
    '| A | B |\n| --- | --- |\n| `x\\|y` | p\\|q |\n',
  );
});

test('a quotation stays one, whatever its lines are', () => {
  assert.equal(
    markdownQuote('# On call\r\n\r\n```\nunclosed\u0007\n'),
    '> # On call\n>\n> ```\n> unclosed\\u0007\n',
  );
});
