import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type Code, finding } from '../../../src/doctor/catalogue.ts';
import { asSevereAs, foldNotes, withoutIgnored } from '../../../src/doctor/choose-findings.ts';
import { findingsText } from '../../../src/output/findings-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';

const of = (code: Code, name?: string) =>
  finding(code, {
    summary: code,
    ...(name === undefined ? {} : { release: { namespace: 'shop', name } }),
  });
const codes = (findings: { code: string }[]): string[] => findings.map(({ code }) => code);
const ALL = [of('MB535', 'cart'), of('MB541', 'cart'), of('MB602', 'cart'), of('MB545', 'cart'), of('MB600')];

test('what is less severe than asked for is left out, a failure never', () => {
  assert.deepEqual(codes(asSevereAs(ALL, undefined)), codes(ALL));
  assert.deepEqual(codes(asSevereAs(ALL, 'fail')), ['MB535']);
  assert.deepEqual(codes(asSevereAs(ALL, 'warn')), ['MB535', 'MB541']);
  assert.deepEqual(codes(asSevereAs(ALL, 'note')), ['MB535', 'MB541', 'MB602', 'MB545']);
});

test('an ignored code counts for nothing', () =>
  assert.deepEqual(codes(withoutIgnored(ALL, ['MB535', 'MB600'])), ['MB541', 'MB602', 'MB545']));

describe('notes on how something is set up', () => {
  const notes = [
    of('MB551', 'cart'),
    of('MB623', 'cart'),
    of('MB623', 'sessions'),
    of('MB201'),
    of('MB545', 'cart'),
  ];

  test('of what is healthy are folded, and what is new stays', () => {
    const { shown, folded } = foldNotes(notes);
    assert.deepEqual(codes(shown), ['MB545']);
    const text = findingsText(shown, PLAIN_STYLE, {
      now: new Date(),
      wide: false,
      several: false,
      spelling: PLAIN_SPELLING,
      folded,
    });
    assert.match(
      text,
      /\n\nNOTES on how it is set up: MB551, MB623 \(2\), MB201; --min-severity note shows them\n$/,
    );
  });

  test('of a release that something is wrong with stay, and those of nobody then', () => {
    const { shown, folded } = foldNotes([of('MB535', 'cart'), ...notes]);
    assert.deepEqual(codes(shown), ['MB535', 'MB551', 'MB623', 'MB201', 'MB545']);
    assert.deepEqual(codes(folded), ['MB623']);
  });
});
