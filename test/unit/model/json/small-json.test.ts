import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../../../../src/model/json/json-scan.ts';
import type { JsonLimits } from '../../../../src/model/json/limits.ts';
import { parseSmall } from '../../../../src/model/json/small-json.ts';

const LIMITS: JsonLimits = { bytes: 60, values: 40, depth: 3, members: 4 };

/** What reading it the long way gives; undefined where a limit is passed. */
function parseCounted(text: Buffer, limits: JsonLimits): unknown {
  scanJson(text, limits);
  return JSON.parse(text.toString());
}

test('of what it gives, counting first gives the same', () => {
  let given = 0;
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      const text = Buffer.from(json);
      const value = parseSmall(text, LIMITS);
      if (value === undefined) return;
      given++;
      assert.deepEqual(value, parseCounted(text, LIMITS));
    }),
    { numRuns: 2000 },
  );
  assert.ok(given > 100, `${given} were small`);
});

test('a text that is no JSON is none', () => {
  for (const text of ['', '{', '{"a":1}x', "{'a':1}", '{"a":\u00071}'])
    assert.throws(() => parseSmall(Buffer.from(text), LIMITS), SyntaxError);
});

const BEYOND: [what: string, text: string][] = [
  ['more bytes', `"${'x'.repeat(60)}"`],
  ['more bytes than values', `"${'x'.repeat(40)}"`],
  ['more levels', '[[[[]]]]'],
  ['more levels in an object', '{"a":{"b":{"c":{}}}}'],
  ['more fields', '{"a":1,"b":1,"c":1,"d":1,"e":1}'],
];
for (const [what, text] of BEYOND) {
  test(`${what} than allowed is left to who counts`, () => {
    assert.equal(parseSmall(Buffer.from(text), LIMITS), undefined);
  });
}

test('what is just within the limits is read', () => {
  for (const text of [
    `"${'x'.repeat(38)}"`,
    '[[[1,2]]]',
    '[1,2,3,4,5,6]',
    '{"a":1,"b":1,"c":1,"d":[[1]]}',
    'null',
  ])
    assert.deepEqual(parseSmall(Buffer.from(text), LIMITS), JSON.parse(text));
});
