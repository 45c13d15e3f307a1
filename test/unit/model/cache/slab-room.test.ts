import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkSizes, classOf, footprintOf, freeRoom } from '../../../../src/model/cache/slab-room.ts';

test('the chunk sizes are those of memcached 1.6.18 -vv', () => {
  assert.equal(
    chunkSizes({}).join(' '),
    '96 120 152 192 240 304 384 480 600 752 944 1184 1480 1856 2320 2904 3632 4544 5680 7104 8880 11104 13880 17352 21696 27120 33904 42384 52984 66232 82792 103496 129376 161720 202152 252696 315872 394840 524288',
  );
});

test('odd settings give classes all the same, and few', () => {
  for (const growth_factor of ['0', '-1', 'NaN', '1.0000001', '1e9']) {
    const sizes = chunkSizes({ growth_factor, slab_chunk_max: '0', chunk_size: 'x' });
    assert.ok(sizes.length >= 1 && sizes.length <= 63);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );
  }
});

test('an item takes the smallest chunk that holds it, a large one several', () => {
  const chunks = chunkSizes({});
  assert.equal(classOf(96, chunks), 0);
  assert.equal(classOf(97, chunks), 1);
  assert.equal(footprintOf(97, chunks), 2 ** 20 / Math.floor(2 ** 20 / 120));
  assert.equal(footprintOf(1_000_000, chunks), 2 ** 20);
});

test('free are the pages that no class has, and the free chunks', () => {
  const stats = { limit_maxbytes: String(8 * 2 ** 20) };
  assert.equal(freeRoom(stats, {}), 8 * 2 ** 20);
  const slabs = { total_malloced: String(2 ** 20), '1:chunk_size': '96', '1:free_chunks': '10' };
  assert.equal(freeRoom(stats, slabs), 7 * 2 ** 20 + 960);
  assert.equal(freeRoom({}, {}), 0);
});
