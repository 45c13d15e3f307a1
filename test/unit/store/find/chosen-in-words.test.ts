import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelector } from '../../../../src/model/records/backup-selector.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { boundOf, localTime } from '../../../../src/model/records/moment.ts';
import { chosenInWords } from '../../../../src/store/find/chosen-in-words.ts';
import type { ListedBackup } from '../../../../src/store/store.ts';
import { ADDRESS, sampleDocument } from '../sample-backup.ts';

const NOW = new Date('2026-11-22T12:15:00Z');
const TAKEN = `taken ${localTime(Date.parse('2026-11-22T10:15:00Z'))}`;
const backup: ListedBackup = { address: ADDRESS, location: 'x' };

function words(
  selector: string,
  more: { before?: string; passedOver?: ListedBackup[] } = {},
): string | undefined {
  const { before, passedOver = [] } = more;
  const bound = before === undefined ? undefined : boundOf(before, NOW);
  return chosenInWords(parseSelector(selector), backup, { now: NOW, before: bound, passedOver });
}

test('nothing is said of what names the backup itself, or of latest', () => {
  for (const selector of ['cart', 'cart@latest', 'cart@previous', `cart@${ADDRESS.id}`])
    assert.equal(words(selector), undefined, selector);
});

test('a moment is said in local time, with its zone', () => {
  const then = localTime(Date.parse('2026-11-22T11:15:00Z'));
  assert.equal(
    words('cart@1h'),
    `cart@1h is cart@${ADDRESS.id}, ${TAKEN}: the newest that there was at ${then}`,
  );
});

test('the beginning of an id says which one it is, --before what came before', () => {
  assert.equal(words('cart@20261122'), `cart@20261122 is cart@${ADDRESS.id}, ${TAKEN}`);
  const bound = localTime(Date.parse('2026-11-22T11:15:00Z'));
  assert.equal(
    words('cart', { before: '1h' }),
    `cart@${ADDRESS.id}, ${TAKEN}, is the newest before ${bound}`,
  );
});

test('healthy says why the newer one is not taken', () => {
  const id = '20261122T111500Z';
  const document = sampleDocument({ id }, { health: { podsReady: 1, podsWanted: 2, drift: [] } });
  const newer = { address: { ...ADDRESS, id }, location: 'y', summary: summaryOf(document) };
  const begin = `cart@healthy is cart@${ADDRESS.id}, ${TAKEN}, the newest at which the release was up`;
  assert.equal(words('cart@healthy'), begin);
  assert.equal(
    words('cart@healthy', { passedOver: [newer] }),
    `${begin}; of the newer ${id}: 1 of 2 pods was ready`,
  );
});
