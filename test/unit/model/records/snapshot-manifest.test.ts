import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../../../src/model/json/json.ts';
import { readSnapshotManifest } from '../../../../src/model/records/snapshot-manifest.ts';

const PIECE = { file: '0-0.age', items: 2, bytes: 300, sha256: 'a'.repeat(64) };
const PART = { pod: 'cart-0', workload: 'statefulset.apps/cart', items: 2, bytes: 150, pieces: [PIECE] };
const WHOLE = {
  formatVersion: 1,
  id: '20261130T003000Z',
  at: '2026-11-30T00:30:00.000Z',
  cluster: 'c',
  namespace: 'shop',
  release: 'cart',
  sealed: { recipients: [{ type: 'x25519', fingerprint: '1a2b3c4d' }] },
  parts: [PART],
  seconds: 1.5,
  tool: '0.1.0',
};

test('a manifest is read as it was written', () => {
  assert.deepEqual(readSnapshotManifest(WHOLE), WHOLE);
  const { sealed: _, ...plain } = WHOLE;
  assert.deepEqual(readSnapshotManifest(plain), plain);
});

const BROKEN: [string, JsonObject][] = [
  ['of a later version', { formatVersion: 2 }],
  ['with an id that leads elsewhere', { id: '../../x' }],
  ['without a moment', { at: 'yesterday' }],
  ['with a name that is none', { release: '../cart' }],
  ['whose sealing nobody knows: it would be taken for plain text', { sealed: {} }],
  ['with parts that are none', { parts: [{ ...PART, pod: 1 }] }],
  ['with a piece that leads elsewhere', { parts: [{ ...PART, pieces: [{ ...PIECE, file: '../x.age' }] }] }],
  ['with a digest that is none', { parts: [{ ...PART, pieces: [{ ...PIECE, sha256: 'x' }] }] }],
  ['with a count that is none', { parts: [{ ...PART, items: -1 }] }],
  ['with more parts than there are pods', { parts: Array.from({ length: 1001 }, () => PART) }],
];
for (const [what, changes] of BROKEN) {
  test(`one ${what} is none`, () =>
    assert.equal(readSnapshotManifest({ ...WHOLE, ...changes } as Json), undefined));
}

test('what is no manifest at all is none', () => {
  for (const value of [null, [], 'x', 1, {}] as Json[]) assert.equal(readSnapshotManifest(value), undefined);
});
