import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListReading } from '../../../src/kube/list-reading.ts';

const listOf = (count: number): Buffer =>
  Buffer.from(JSON.stringify({ items: Array.from({ length: count }, (_, at) => ({ at })) }));

test('what is kept of an item is made before the rest of the list has come', () => {
  const seen: string[] = [];
  const reading = new ListReading((text) => seen.push(text.toString('utf8')), 10);
  const bytes = listOf(3);
  reading.add(bytes.subarray(0, 24));
  assert.deepEqual(seen, ['{"at":0}']);
  reading.add(bytes.subarray(24));
  assert.deepEqual(seen, ['{"at":0}', '{"at":1}', '{"at":2}']);
});

test('of more items than are wanted one is made, and no more', () => {
  let made = 0;
  const reading = new ListReading(() => ++made, 3);
  reading.add(listOf(100));
  assert.equal(reading.items.length, 4);
  assert.equal(made, 4);
});

test('what one item fails with is said once the list is complete, and ends the reading of items', () => {
  let asked = 0;
  const reading = new ListReading((): never => {
    throw new Error(`item ${++asked}`);
  }, 10);
  reading.add(listOf(3));
  assert.throws(() => reading.items, /^Error: item 1$/);
  assert.equal(asked, 1);
  assert.throws(() => reading.again().items.at(0) ?? assert.fail('none'), /none/);
});
