import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOf } from '../../../../src/model/metrics/promql.ts';

test('one value is matched as it is, several by a pattern in which no dot stands for anything else', () => {
  assert.equal(oneOf(['a.b']), '="a.b"');
  assert.equal(oneOf(['b', 'a.b', 'b']), '=~"a[.]b|b"');
  assert.equal(oneOf(['a"b\\']), '="a\\"b\\\\"');
});
