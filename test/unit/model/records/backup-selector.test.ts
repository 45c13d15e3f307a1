import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { parseSelector, qualifiedName } from '../../../../src/model/records/backup-selector.ts';

test('a release may be named with a backup of it; latest is meant where nothing is said', () => {
  assert.deepEqual(parseSelector('cart'), { release: 'cart', id: 'latest' });
  for (const id of [
    'previous',
    'healthy',
    '20261122T101500Z-2',
    '20261122',
    '2h',
    '1d12h',
    'yesterday',
    '2026-11-28',
    '2026-11-28T14:00',
  ])
    assert.deepEqual(parseSelector(`cart.v2@${id}`), { release: 'cart.v2', id });
});

test('what -o name prints names the namespace too', () => {
  const address = { namespace: 'shop', release: 'cart', id: '20261122T101500Z' };
  assert.deepEqual(parseSelector(qualifiedName(address)), address);
  assert.deepEqual(parseSelector('shop/cart'), { namespace: 'shop', release: 'cart', id: 'latest' });
  for (const text of ['/cart', 'shop/', 'a/b/cart', 'Shop/cart', '../cart'])
    assert.throws(() => parseSelector(text), UsageError, text);
});

test('a wrong id says what ids look like', () => {
  for (const text of [
    'cart@',
    'cart@tomorrow',
    'cart@latest@previous',
    'cart@2026-13-01',
    'cart@202',
    'cart@2026-02-30',
  ])
    assert.throws(
      () => parseSelector(text),
      (error) => error instanceof UsageError && /YYYYMMDDTHHMMSSZ/.test(error.message),
      text,
    );
});
