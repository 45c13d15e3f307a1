import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scanJson } from '../../../../src/model/json/json-scan.ts';
import { BeyondLimit, type JsonLimits } from '../../../../src/model/json/limits.ts';

const LIMITS: JsonLimits = { bytes: 1000, values: 10, depth: 4, members: 3 };
const scan = (text: string, limits: Partial<JsonLimits> = {}) =>
  scanJson(Buffer.from(text), { ...LIMITS, ...limits });

test('values are counted at any depth, names of members are not', () => {
  assert.equal(scan('1').values, 1);
  assert.equal(scan(' { "a" : [ 1 , "[{" , null ] , "b" : { } } ').values, 6);
  assert.deepEqual([scan('"x"').depth, scan('[]').depth, scan('{"a":[{}]}').depth], [0, 1, 3]);
});

test("the outermost object's members are found, of equal names the last", () => {
  const text = '{"a":{"b":[1]},"\\u0063": 2 ,"a":"x"}';
  const members = scan(text).members!;
  assert.deepEqual(
    [...members].map(([name, [start, end]]) => [name, text.slice(start, end)]),
    [
      ['a', '"x"'],
      ['c', '2'],
    ],
  );
  assert.equal(scan('[{"a":1}]').members, undefined);
  assert.equal(scan('{}').members?.size, 0);
});

describe('a limit', () => {
  const beyond = (text: string, limits: Partial<JsonLimits>, message: RegExp) =>
    assert.throws(
      () => scan(text, limits),
      (error) => error instanceof BeyondLimit && message.test(error.message),
    );
  test('is met by what is just as large, and passed by one more', () => {
    assert.equal(scan('[1,2]', { values: 3, bytes: 5 }).values, 3);
    beyond('[1,2]', { values: 2 }, /more than 2 JSON values in 5 bytes/);
    beyond('[1,2]', { bytes: 4 }, /it has 5 bytes, at most 4 are read/);
    assert.equal(scan('[[{"a":[]}]]').depth, 4);
    beyond('[[{"a":[[]]}]]', {}, /nested more than 4 deep/);
    assert.equal(scan('{"a":1,"b":2,"c":{"d":1,"e":1,"f":1,"g":1}}').members?.size, 3);
    beyond('{"a":1,"b":2,"c":3,"d":4}', {}, /more than 3 fields/);
  });
  test('ends the reading where it is passed: what comes after it is not looked at', () => {
    beyond('[1,2,3,!', { values: 3 }, /JSON values/);
  });
});

test('what is no JSON is refused, with its place and none of its text', () => {
  for (const [text, at] of [
    ['', 0],
    ['{"a":secret}', 5],
    ['[1,]', 3],
    ['{"a" 1}', 5],
    ['{,}', 1],
    ['01', 1],
    ['1.', 2],
    ['"\t"', 1],
    ['"\\x"', 2],
    ['[1}', 2],
    ['1 2', 2],
    ['"unfinished', 11],
  ] as const) {
    assert.throws(() => scan(text), new SyntaxError(`it is no JSON at byte ${at}`), text);
  }
});
