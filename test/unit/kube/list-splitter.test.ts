import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ListSplitter } from '../../../src/kube/list-splitter.ts';

/** The texts of the items, and the list without them, of what was given to a splitter in pieces of so many bytes. */
function split(text: string, pieceSize: number): { items: string[]; envelope: string } {
  const items: string[] = [];
  const splitter = new ListSplitter((item) => items.push(item.toString('utf8')));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceSize) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceSize));
    splitter.add(piece);
    piece.fill('x'); // whoever reads the network uses its memory again
  }
  return { items, envelope: splitter.envelope };
}

test('each item is its own text, and the list is left without them', () => {
  const text =
    '{"kind":"PodList","items":[{"a":1.0} , {"b":["]",{"items":[{}]}]}],"metadata":{"continue":"x"}}';
  for (const size of [1, 7, 1000]) {
    const splitter = split(text, size);
    assert.deepEqual(splitter.items, ['{"a":1.0}', '{"b":["]",{"items":[{}]}]}']);
    assert.deepEqual(JSON.parse(splitter.envelope), {
      kind: 'PodList',
      items: [],
      metadata: { continue: 'x' },
    });
  }
});

test('only the items of the list itself are cut out', () => {
  const lists = [
    '{"metadata":{"items":[{"a":1}]},"kind":"List"}',
    '{"other":[{"a":1}],"kind":"List"}',
    '{"kind":"items","b":[{"a":1}]}',
    String.raw`{"not \"items":[{"a":1}]}`,
    '{"items":null}',
    '[{"items":[{"a":1}]}]',
  ];
  for (const list of lists) {
    const splitter = split(list, 5);
    assert.deepEqual(splitter.items, [], list);
    assert.equal(splitter.envelope, list);
  }
});

test('what is no object or array is no item', () => {
  const splitter = split('{"items":[null,1,"{",{"a":1}]}', 3);
  assert.deepEqual(splitter.items, ['{"a":1}']);
  assert.deepEqual(JSON.parse(splitter.envelope), { items: [] });
});

test('an answer that ends too early leaves a list that is no JSON', () => {
  const text = '{"kind":"PodList","items":[{"a":"b"},{"c":"d"}]}';
  for (let length = 1; length < text.length; length++) {
    const { envelope } = split(text.slice(0, length), 4);
    assert.throws(() => JSON.parse(envelope), SyntaxError, text.slice(0, length));
  }
});

test('any list, cut anywhere on its way, comes apart into the same items', () => {
  const item = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.array(item),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (items, others, pieceSize, indented) => {
        const { items: _items, ...rest } = others;
        const splitter = split(
          JSON.stringify({ ...rest, items, metadata: {} }, null, indented ? 2 : 0),
          pieceSize,
        );
        const expected = JSON.parse(JSON.stringify(items));
        assert.deepEqual(
          splitter.items.map((text) => JSON.parse(text)),
          expected,
        );
        assert.deepEqual(
          JSON.parse(splitter.envelope),
          JSON.parse(JSON.stringify({ ...rest, items: [], metadata: {} })),
        );
      },
    ),
  );
});

test('a backslash at the end of a piece counts for the next one, also where one is empty', () => {
  const text = String.raw`{"items":[{"a":"\\\"]}"},{"b":"\\"},{"c":"x\\\\\"}"}]}`;
  for (let first = 0; first <= text.length; first++) {
    const items: string[] = [];
    const splitter = new ListSplitter((item) => items.push(item.toString('utf8')));
    for (const piece of [text.slice(0, first), '', text.slice(first)]) splitter.add(Buffer.from(piece));
    assert.deepEqual(
      items.map((item) => JSON.parse(item)),
      JSON.parse(text).items,
      `cut at ${first}`,
    );
  }
});
