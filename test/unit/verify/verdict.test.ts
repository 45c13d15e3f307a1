import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckResult, failed, ok, unchecked } from '../../../src/verify/check-result.ts';
import { passedAndUnchecked, verdictOf } from '../../../src/verify/verdict.ts';

const silent: CheckResult = {
  ...unchecked('kinds', 'the cluster', 'no answer'),
  matters: true,
} as CheckResult;

test('one failure decides; without one, what matters and could not be checked does', () => {
  assert.equal(verdictOf([ok('files', 'a')]), 'ok');
  assert.equal(verdictOf([ok('files', 'a'), unchecked('render', 'x', 'no helm')]), 'ok');
  assert.equal(verdictOf([ok('files', 'a'), silent]), 'incomplete');
  assert.equal(verdictOf([silent, failed('files', 'a', 'gone'), ok('files', 'b')]), 'failed');
});

test('a check passed where one of its things did, each once, in order; what was not checked is named', () => {
  const results = [
    ok('dry-run', 'service/a'),
    unchecked('dry-run', 'secret/a', 'not allowed'),
    unchecked('render', 'x', 'no helm'),
    ok('files', 'a'),
    ok('files', 'b'),
  ];
  assert.deepEqual(passedAndUnchecked(results), {
    passed: ['files', 'dry-run'],
    unchecked: [
      { check: 'dry-run', what: 'secret/a', why: 'not allowed' },
      { check: 'render', what: 'x', why: 'no helm' },
    ],
  });
});
