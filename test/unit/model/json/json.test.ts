import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  arrayAt,
  cloneJson,
  define,
  isObject,
  isRawNumber,
  type JsonObject,
  jsonEqual,
  numberAt,
  objectAt,
  parseJson,
  rawNumber,
  stringAt,
  valueAt,
} from '../../../../src/model/json/json.ts';

test('every number keeps its own digits, wherever it stands', () => {
  for (const text of [
    '1.0',
    '-0',
    '1e400',
    '1E5',
    '1152921504606846977',
    '-0.50',
    '100000000000000000000000',
  ])
    for (const around of [text, `[${text}]`, `{"a":${text}}`, `[1,${text}]`])
      assert.equal(JSON.stringify(parseJson(around)), around);
});

test('a number that JavaScript writes the same way is an ordinary number', () => {
  assert.deepEqual(parseJson('[11211,-7,0.5,1.25]'), [11211, -7, 0.5, 1.25]);
});

test('what is no number of the text costs no second look at each value', (t) => {
  const parse = t.mock.method(JSON, 'parse');
  const texts = [
    '{"image":"memcached:1.6.18","at":"2026-11-30T03:34:00Z","share":"1.0","replicas":0,"nodePort":30211}',
    '["1152921504606846977","memcached:1.6","-0"]',
  ];
  for (const text of texts) assert.equal(JSON.stringify(parseJson(text)), text);
  assert.deepEqual(
    parse.mock.calls.map((call) => call.arguments.length),
    texts.map(() => 1),
  );
});

test('a key named __proto__ is data', () => {
  const text = '{"__proto__":{"a":1.0},"constructor":2}';
  assert.equal(JSON.stringify(parseJson(text)), text);
  assert.equal(JSON.stringify(cloneJson(parseJson(text))), text);
  assert.equal(valueAt(parseJson('{}'), '__proto__'), undefined);
  assert.equal(valueAt(parseJson('{}'), 'constructor'), undefined);
  const target: JsonObject = {};
  define(target, '__proto__', 'x');
  assert.equal(JSON.stringify(target), '{"__proto__":"x"}');
});

test('what is no JSON is refused', () => {
  for (const text of ['', '{', '01', "{'a':1}", '[1.0,]']) assert.throws(() => parseJson(text), SyntaxError);
});

test('a raw number is no object', () => {
  assert.ok(isRawNumber(rawNumber('1.0')));
  assert.equal(isObject(rawNumber('1.0')), false);
  assert.equal(isObject([]), false);
  assert.equal(isObject(null), false);
  assert.equal(isObject({}), true);
});

test('a value is found at its path, and nothing where a step is missing or something else', () => {
  const object = parseJson('{"spec":{"replicas":2,"name":"x","ports":[1],"share":1.0,"none":null}}');
  assert.equal(numberAt(object, 'spec', 'replicas'), 2);
  assert.equal(numberAt(object, 'spec', 'share'), 1);
  assert.equal(stringAt(object, 'spec', 'name'), 'x');
  assert.deepEqual(arrayAt(object, 'spec', 'ports'), [1]);
  assert.deepEqual(arrayAt(object, 'spec', 'name'), []);
  assert.equal(objectAt(object, 'spec', 'replicas', 'deeper'), undefined);
  assert.equal(valueAt(object, 'spec', 'none'), null);
  assert.equal(valueAt(object, 'spec', 'ports', 'length'), undefined);
});

test('equality ignores the order of keys and nothing else', () => {
  const equal = (a: string, b: string) => jsonEqual(parseJson(a), parseJson(b));
  assert.ok(equal('{"a":1,"b":[1.0]}', '{"b":[1.0],"a":1}'));
  assert.ok(!equal('1.0', '1'));
  assert.ok(!equal('[1,2]', '[2,1]'));
  assert.ok(!equal('{"a":null}', '{}'));
  assert.ok(!equal('{"a":1}', '{"b":1}'));
  assert.ok(!equal('[]', '{}'));
  assert.ok(!equal('{"toString":1}', '{}'));
});
