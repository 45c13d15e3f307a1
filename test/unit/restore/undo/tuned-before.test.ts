import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal, TunesEntry } from '../../../../src/model/records/journal.ts';
import { tuneBack, tunedSince } from '../../../../src/restore/undo/tuned-before.ts';
import { aLiveRelease } from '../../../support/live-release.ts';
import { aDeployment, aPod, aReplicaSet } from '../../../support/objects.ts';
import { podSettings } from '../../../support/pod-settings.ts';
import { startLine } from '../../store/journal/sample-journal.ts';

const SET = aReplicaSet(aDeployment('cart').served().object);
const POD = aPod('cart-1', SET.object).with({ metadata: { uid: 'uid-1' } });
const LIVE = aLiveRelease([POD]);
const tunes = (uid: string, from: string, to: string): TunesEntry => ({
  type: 'tunes',
  at: '2026-11-24T12:00:00Z',
  pod: 'cart-1',
  uid,
  settings: [{ key: 'maxbytes', from, to }],
});
const [SMALL, BIG, OTHER] = ['8388608', '67108864', '16777216'] as const;

function journal(...entries: TunesEntry[]): Journal {
  const start = startLine();
  return { start, entries: [start, ...entries], location: '/store/.restore-x.jsonl' };
}
const back = (of: Journal, maxbytes: string): string[] =>
  tuneBack(of, LIVE, [podSettings('cart-1', { stats: { maxbytes } })]).flatMap(({ commands }) =>
    commands.map(({ command }) => command),
  );

test('what a restore sent to a server goes back, from before the first that it took up', () => {
  assert.deepEqual(back(journal(tunes('uid-1', SMALL, BIG)), BIG), ['cache_memlimit 8']);
  const taken: Journal = journal(tunes('uid-1', OTHER, BIG));
  taken.start.tuned = [tunes('uid-1', SMALL, OTHER)];
  assert.deepEqual(back(taken, BIG), ['cache_memlimit 8']);
});

test('a server that was not sent it yet, that somebody changed since, or that is another, is left alone', () => {
  const sent = journal(tunes('uid-1', SMALL, BIG));
  assert.deepEqual(back(sent, SMALL), []);
  assert.deepEqual(back(sent, OTHER), []);
  assert.deepEqual(back(journal(tunes('uid-of-the-one-before', SMALL, BIG)), BIG), []);
  const since = (maxbytes: string) =>
    tunedSince(sent, LIVE, [podSettings('cart-1', { stats: { maxbytes } })]);
  assert.deepEqual([since(SMALL), since(BIG)], [[], []]);
  assert.match(
    since(OTHER).join(),
    /^maxbytes of pod\/cart-1 was changed since, to 16777216 \(16 MiB\), and stays/,
  );
});

test('a forged journal makes no command but one that sets a setting to a number', () => {
  assert.deepEqual(back(journal(tunes('uid-1', '8388608\r\nflush_all', BIG)), BIG), []);
  const odd: TunesEntry = {
    ...tunes('uid-1', 'x', 'y'),
    settings: [{ key: 'shutdown', from: '1', to: '0' }],
  };
  assert.deepEqual(
    tuneBack(journal(odd), LIVE, [podSettings('cart-1', { stats: { shutdown: '0' } })]).flatMap(
      ({ commands }) => commands,
    ),
    [],
  );
});
