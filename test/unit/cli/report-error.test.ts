import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reportError } from '../../../src/cli/report-error.ts';
import {
  IncompleteError,
  InterruptedError,
  ToolError,
  UnreachableError,
  UsageError,
} from '../../../src/errors/tool-error.ts';

const quiet = { env: {}, debug: false, interrupted: false };

test('an error for the user says what happened, what was left alone and what to type next', () => {
  const error = new ToolError('the release "x" is not there', {
    untouched: 'the cluster was not changed',
    next: 'kubectl memcached-backup list x',
  });
  assert.deepEqual(reportError(error, quiet), {
    exitCode: 1,
    lines: [
      'error: the release "x" is not there',
      'The cluster was not changed.',
      'Next: kubectl memcached-backup list x',
    ],
  });
});

test('advice names the command as the user calls it', () => {
  const error = new UsageError('no', { next: 'kubectl memcached-backup list' });
  const { lines } = reportError(error, { ...quiet, env: { HELM_PLUGIN_NAME: 'memcached-backup' } });
  assert.deepEqual(lines, ['error: no', 'Next: helm memcached-backup list']);
});

test('advice leads to the cluster that was asked for', () => {
  const error = new UsageError('no', { next: 'kubectl memcached-backup undo cart -n shop' });
  const { lines } = reportError(error, { ...quiet, flags: ['--context', "'$& prod'"] });
  assert.deepEqual(lines, [
    'error: no',
    "Next: kubectl memcached-backup --context '$& prod' undo cart -n shop",
  ]);
});

test('whether something is allowed is asked as the user who was refused, of the same cluster', () => {
  const said = (next: string, flags?: string[]): string | undefined =>
    reportError(new ToolError('no', { next }), flags === undefined ? quiet : { ...quiet, flags }).lines.at(
      -1,
    );
  const flags = ['--context', 'prod', '--as', 'nobody'];
  const question = 'kubectl auth can-i list cronjobs.batch -n shop';
  assert.equal(said(question, flags), `Next: ${question} --context prod --as nobody`);
  assert.equal(said(question), `Next: ${question}`);
  const prose = 'kubectl auth whoami; then the same command again';
  assert.equal(said(prose, flags), `Next: ${prose}`);
});

describe('exit codes', () => {
  const cases: [Error, number][] = [
    [new ToolError('x'), 1],
    [new UsageError('x'), 2],
    [new UnreachableError('x'), 4],
    [new IncompleteError('x'), 5],
    [new InterruptedError(), 130],
    [new TypeError('x is undefined'), 1],
  ];
  for (const [error, code] of cases) {
    test(`${error.constructor.name}: ${code}`, () => assert.equal(reportError(error, quiet).exitCode, code));
  }
});

test('a defect is told apart and says how to get the stack', () => {
  const { lines } = reportError(new TypeError('x is undefined'), quiet);
  assert.equal(lines[0], 'error: unexpected: x is undefined');
  assert.match(lines.join('\n'), /MEMCACHED_BACKUP_DEBUG=1/);
  assert.doesNotMatch(lines.join('\n'), /report-error\.test/);
});

test('with debug a defect shows its stack and its cause', () => {
  const error = new TypeError('outer', { cause: new Error('inner') });
  const text = reportError(error, { ...quiet, debug: true }).lines.join('\n');
  assert.match(text, /report-error\.test/);
  assert.match(text, /caused by Error: inner/);
});

test('what breaks off after Ctrl-C counts as the interruption, and says what it has to say', () => {
  const interrupted = { ...quiet, interrupted: true };
  assert.deepEqual(reportError(new DOMException('aborted', 'AbortError'), interrupted), {
    exitCode: 130,
    lines: ['error: interrupted'],
  });
  assert.deepEqual(reportError(new ToolError('half a restore is left'), interrupted), {
    exitCode: 130,
    lines: ['error: half a restore is left'],
  });
});

test('something thrown that is no error is reported too', () => {
  assert.equal(reportError('text', quiet).lines[0], 'error: unexpected: text');
});
