import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CachedItem } from '../../../src/memcached/items/cached-item.ts';
import { BrokenPiece, decodeItems, encodeItems } from '../../../src/memcached/items/item-records.ts';

const CLOCK = 1_700_000_000;

const item = fc.record(
  {
    key: fc
      .uint8Array({ minLength: 1, maxLength: 250 })
      .map((bytes) => Buffer.from(bytes).toString('latin1')),
    value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    flags: fc.nat(0xff_ff_ff_ff),
    ttl: fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 2 ** 31 })),
  },
  { noNullPrototype: true },
);

test('items come out of a piece as they went in, of any bytes', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 20 }), (items) => {
      assert.deepEqual([...decodeItems(encodeItems(items, CLOCK), CLOCK)], items);
    }),
  );
});

test('time goes on while they lie there: what has ended is counted, of the rest less is left', () => {
  const items: CachedItem[] = [10, 20, -1].map((ttl) => ({
    key: `k${ttl}`,
    value: Buffer.from('v'),
    flags: 0,
    ttl,
  }));
  const later = [...decodeItems(encodeItems(items, CLOCK), CLOCK + 10)];
  assert.deepEqual(
    later.map((each) => (each === 'ended' ? each : each.ttl)),
    ['ended', 10, -1],
  );
});

test('a piece that was cut or forged is refused, and never read beyond its end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const each of decodeItems(Buffer.from(bytes), CLOCK))
          if (each !== 'ended') assert.ok(each.key.length <= 250);
      } catch (error) {
        assert.ok(error instanceof BrokenPiece, String(error));
      }
    }),
  );
  const piece = encodeItems([{ key: 'key', value: Buffer.from('value'), flags: 0, ttl: -1 }], CLOCK);
  for (let length = 1; length < piece.length; length++)
    assert.throws(() => [...decodeItems(piece.subarray(0, length), CLOCK)], BrokenPiece);
});
