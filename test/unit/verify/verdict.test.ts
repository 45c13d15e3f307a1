import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckResult, failed, ok, unchecked } from '../../../src/backup/checks/check-result.ts';
import { clusterVerdictOf, isSound, passedAndUnchecked, verdictOf } from '../../../src/verify/verdict.ts';

const silent: CheckResult = {
  ...unchecked('api-versions', 'the cluster', 'no answer'),
  matters: true,
} as CheckResult;

test('one failure decides; without one, what matters and could not be checked does', () => {
  assert.equal(verdictOf([ok('files', 'a')]), 'ok');
  assert.equal(verdictOf([ok('files', 'a'), unchecked('render', 'x', 'no helm')]), 'ok');
  assert.equal(verdictOf([ok('files', 'a'), silent]), 'incomplete');
  assert.equal(verdictOf([silent, failed('files', 'a', 'gone'), ok('files', 'b')]), 'failed');
});

test('what only the cluster refuses says nothing of the backup', () => {
  const refused = [
    ok('files', 'a'),
    ok('api-versions', 'v1 Secret'),
    failed('api-versions', 'x/v1 Y', 'not served'),
    silent,
  ];
  assert.deepEqual(
    [verdictOf(refused), isSound(refused), clusterVerdictOf(refused)],
    ['refused', true, 'refused'],
  );
  const both = [failed('helm', 'x', 'damaged'), ...refused];
  assert.deepEqual([verdictOf(both), isSound(both), clusterVerdictOf(both)], ['failed', false, 'refused']);
  assert.equal(clusterVerdictOf([ok('files', 'a'), silent]), 'unknown');
  assert.equal(clusterVerdictOf([ok('dry-run', 'a')]), 'ok');
  assert.equal(clusterVerdictOf([unchecked('api-versions', 'the cluster', '--offline')]), 'not-asked');
  assert.deepEqual(passedAndUnchecked(refused).passed, ['files'], 'kinds did not pass');
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
