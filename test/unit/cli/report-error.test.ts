import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubectl, tool } from '../../../src/advice/command.ts';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { NO_CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { reportError } from '../../../src/cli/report-error.ts';
import { spellingOf } from '../../../src/cli/spelling.ts';
import {
  DeclinedError,
  IncompleteError,
  InterruptedError,
  ToolError,
  UnreachableError,
  UsageError,
} from '../../../src/errors/tool-error.ts';
import type { ConnectionFlags } from '../../../src/kube/connection-flags.ts';

const quiet = { spelling: PLAIN_SPELLING, debug: false, interrupted: false };

test('an error for the user says what happened, what was left alone and what to type next', () => {
  const error = new ToolError('the release "x" is not there', {
    untouched: 'the cluster was not changed',
    next: tool('list', 'x'),
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
  const error = new UsageError('no', { next: tool('list') });
  const { lines } = reportError(error, {
    ...quiet,
    spelling: spellingOf({ HELM_PLUGIN_NAME: 'memcached-backup' }, NO_CONNECTION_FLAGS),
  });
  assert.deepEqual(lines, ['error: no', 'Next: helm memcached-backup list']);
});

test('advice leads to the cluster that was asked for', () => {
  const error = new UsageError('no', { next: tool('undo', 'cart', '-n', 'shop') });
  const { lines } = reportError(error, {
    ...quiet,
    spelling: spellingOf({}, { ...NO_CONNECTION_FLAGS, context: '$& prod' }),
  });
  assert.deepEqual(lines, [
    'error: no',
    "Next: kubectl memcached-backup --context '$& prod' undo cart -n shop",
  ]);
});

test('whether something is allowed is asked as the user who was refused, of the same cluster', () => {
  const next = kubectl('auth', 'can-i', 'list', 'cronjobs.batch', '-n', 'shop');
  const said = (connection: Partial<ConnectionFlags>): string | undefined =>
    reportError(new ToolError('no', { next }), {
      ...quiet,
      spelling: spellingOf({}, { ...NO_CONNECTION_FLAGS, ...connection }),
    }).lines.at(-1);
  const question = 'auth can-i list cronjobs.batch -n shop';
  assert.equal(
    said({ context: 'prod', as: 'nobody' }),
    `Next: kubectl --context prod --as nobody ${question}`,
  );
  assert.equal(said({}), `Next: kubectl ${question}`);
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

test('a no is a decision and no error', () => {
  const error = new DeclinedError('not restored: the answer was no', {
    untouched: 'the cluster was not changed',
  });
  assert.deepEqual(reportError(error, quiet), {
    exitCode: 130,
    lines: ['Not restored: the answer was no.', 'The cluster was not changed.'],
  });
});
