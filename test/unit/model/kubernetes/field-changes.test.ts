import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../../src/model/json/json.ts';
import { fieldChanges, shortValue } from '../../../../src/model/kubernetes/field-changes.ts';

const paths = (from: string, to: string) =>
  fieldChanges(parseJson(from), parseJson(to)).map(({ path }) => path);

test('equal values have no changes', () => {
  assert.deepEqual(paths('{"a":[1.0,{"b":null}]}', '{"a":[1.0,{"b":null}]}'), []);
});

test('a changed field is given with both its values', () => {
  assert.deepEqual(fieldChanges({ spec: { replicas: 5 } }, { spec: { replicas: 2 } }), [
    { path: 'spec.replicas', from: 5, to: 2 },
  ]);
});

test('a field that is only on one side is undefined on the other, null is a value', () => {
  assert.deepEqual(fieldChanges({ a: null }, { b: 1 }), [
    { path: 'a', from: null, to: undefined },
    { path: 'b', from: undefined, to: 1 },
  ]);
});

test('keys that are no plain words are quoted in the path', () => {
  assert.deepEqual(
    paths('{"metadata":{"annotations":{"a.b/c":"1"}}}', '{"metadata":{"annotations":{"a.b/c":"2"}}}'),
    ['metadata.annotations["a.b/c"]'],
  );
});

test('items of a list are matched by their name: one added in front changes no other', () => {
  const from = '{"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}';
  const to = '{"env":[{"name":"NEW"},{"name":"A","value":"1"},{"name":"B","value":"3"}]}';
  assert.deepEqual(paths(from, to), ['env[B].value', 'env[NEW]']);
});

test('mounts are matched by their path, tolerations by their key', () => {
  assert.deepEqual(
    paths('[{"mountPath":"/a","name":"v"},{"mountPath":"/b","name":"v"}]', '[{"mountPath":"/b","name":"v"}]'),
    ['[/a]'],
  );
  assert.deepEqual(paths('[{"key":"a","value":"1"}]', '[{"key":"a","value":"2"}]'), ['[a].value']);
});

test('a list whose items have no name, or one twice, is compared place by place', () => {
  assert.deepEqual(paths('["-m","64"]', '["-m","128","-v"]'), ['[1]', '[2]']);
  assert.deepEqual(paths('[{"name":"A"},{"name":"A"}]', '[{"name":"A"},{"name":"B"}]'), ['[1].name']);
});

test('another order of the same items is a change: env entries may build on those before them', () => {
  assert.deepEqual(fieldChanges([{ name: 'A' }, { name: 'B' }], [{ name: 'B' }, { name: 'A' }]), [
    { path: '[order]', from: ['A', 'B'], to: ['B', 'A'] },
  ]);
  assert.deepEqual(
    paths('{"env":[{"name":"A"},{"name":"B","value":"1"}]}', '{"env":[{"name":"B"},{"name":"A"}]}'),
    ['env[B].value', 'env[order]'],
  );
});

test('a value that turns into another kind is one change', () => {
  assert.deepEqual(paths('{"a":{"b":1}}', '{"a":[1]}'), ['a']);
  assert.deepEqual(paths('{"a":1.0}', '{"a":1}'), ['a']);
});

test('keys named like members of Object are ordinary keys', () => {
  assert.deepEqual(paths('{}', '{"constructor":1,"__proto__":2}'), ['constructor', '__proto__']);
});

test('a value is shown in one line of 60 characters at most', () => {
  assert.equal(shortValue(undefined), '(none)');
  assert.equal(shortValue(parseJson('1.0')), '1.0');
  assert.equal(shortValue('a "b"'), '"a \\"b\\""');
  assert.equal(shortValue('x'.repeat(80)), `"${'x'.repeat(56)}…`);
});
