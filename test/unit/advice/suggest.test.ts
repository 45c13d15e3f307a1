import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest } from '../../../src/advice/suggest.ts';

const KNOWN = ['all-namespaces', 'as', 'for', 'output', 'timeout', 'include-referenced', 'yes'];

test('a slip, two letters exchanged, or the beginning of a word', () => {
  for (const [typed, meant] of [
    ['outptu', 'output'],
    ['ouput', 'output'],
    ['tiemout', 'timeout'],
    ['include-refered', 'include-referenced'],
    ['all', 'all-namespaces'],
    ['out', 'output'],
  ] as const)
    assert.equal(suggest(typed, KNOWN), meant, typed);
});

test('short words that are merely of the same length are not near', () => {
  for (const typed of ['foo', 'at', 'fix', 'xs', 'abcdefghijkl', 'al', ''])
    assert.equal(suggest(typed, KNOWN), undefined, typed);
});
