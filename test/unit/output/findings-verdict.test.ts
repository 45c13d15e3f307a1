import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tool } from '../../../src/advice/command.ts';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type Code, type FindingText, finding } from '../../../src/doctor/catalogue.ts';
import type { WayBack } from '../../../src/model/findings/finding.ts';
import { findingsText } from '../../../src/output/findings-text.ts';
import { verdictLines } from '../../../src/output/findings-verdict.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const release = { namespace: 'shop', name: 'cart' };
const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' };
const WAY: WayBack = {
  advice: tool('restore', 'cart@healthy', '-n', 'shop'),
  why: 'the backup of 3h ago',
  settings: '-m 48 -c 256',
  cachesEmptied: 1,
};
const of = (code: Code, more: Partial<FindingText> = {}) =>
  finding(code, { summary: code, release, ...more });
const CRASH = of('MB535', {
  summary: 'its containers end again and again',
  object,
  since: '2026-11-24T11:55:48Z',
  evidence: [{ text: 'log: hello' }, { text: 'log: too many open files' }],
  advice: [WAY.advice],
  waysBack: [WAY],
});
const said = (findings: ReturnType<typeof of>[], several = false) =>
  verdictLines(findings, { now: NOW, spelling: PLAIN_SPELLING, several });

describe('what doctor ends with', () => {
  test('since when, why, the quickest safe way back, and what it empties', () =>
    assert.deepEqual(said([of('MB202'), CRASH, of('MB551')]), [
      '2 failures, 1 note. For 4m12s: deployment.apps/cart: its containers end again and again: “too many open files”.',
      'Quickest safe way back: kubectl memcached-backup restore cart@healthy -n shop',
      'It brings back -m 48 -c 256, and empties 1 cache that serves.',
    ]));
  test('of several releases it names which', () =>
    assert.match(said([CRASH], true)[0]!, /^1 failure\. For 4m12s: shop\/cart: deployment\.apps\/cart: /));
  test('what clients feel comes before what nobody waits for', () =>
    assert.match(
      said([of('MB202', { summary: 'it is suspended' }), of('MB601', { summary: 'no answer' })])[0]!,
      /No answer\.$/,
    ));
  test('where nothing fails but the settings are others, that they are', () => {
    const other = of('MB404', { summary: 'the settings of cart differ', waysBack: [WAY] });
    assert.deepEqual(said([other, of('MB551')]), [
      'Nothing is wrong; 2 notes. The settings of cart differ.',
      'Where that was not meant: kubectl memcached-backup restore cart@healthy -n shop',
      'It brings back -m 48 -c 256, and empties 1 cache that serves.',
    ]);
  });
  test('where nothing is wrong, how many notes there are', () => {
    assert.deepEqual(said([of('MB600')]), ['Nothing is wrong.']);
    assert.deepEqual(said([of('MB600'), of('MB551')]), ['Nothing is wrong; 1 note.']);
    assert.deepEqual(said([of('MB541'), of('MB602')]), ['1 warning, 1 thing that could not be looked at.']);
  });
});

test('a way back says beside its command where it leads, and what shows that', () => {
  const text = findingsText([CRASH], PLAIN_STYLE, {
    now: NOW,
    wide: false,
    several: false,
    spelling: PLAIN_SPELLING,
  });
  assert.match(
    text,
    /fix: kubectl memcached-backup restore cart@healthy -n shop\n +back to -m 48 -c 256, empties 1 cache that serves \(the backup of 3h ago\)\n/,
  );
});
