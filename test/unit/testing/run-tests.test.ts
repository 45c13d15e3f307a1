import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resultsOf } from '../../../scripts/testing/run-tests.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** An event of node:test, as it comes for a file that runs in a process of its own. */
interface Event {
  event: 'start' | 'pass' | 'fail';
  name: string;
  nesting?: number;
  type?: 'suite' | 'test';
  skip?: string;
  todo?: boolean;
  failureType?: string;
  /** The test file; absent where the event is about the file as a whole. */
  entryFile?: string;
  /** Where the test stands. */
  file?: string;
}

function outcomes(...events: Event[]): string[] {
  const stream = new EventEmitter();
  const results = resultsOf(stream as unknown as Parameters<typeof resultsOf>[0]);
  for (const each of events) {
    const { event, type = 'test', nesting = 0, failureType, entryFile, file = entryFile, ...rest } = each;
    const error = failureType === undefined ? {} : { error: Object.assign(new Error(), { failureType }) };
    stream.emit(`test:${event}`, {
      ...rest,
      nesting,
      ...(entryFile === undefined ? {} : { entryFile: join(ROOT, entryFile) }),
      file: join(ROOT, file ?? 'a.test.ts'),
      details: { type, duration_ms: 1.4, ...error },
    });
  }
  return results.map(({ file, name, outcome, ms }) => `${file}: ${name}: ${outcome} in ${ms} ms`);
}

describe('what came of tests', () => {
  const a = { entryFile: 'a.test.ts' };
  const b = { entryFile: 'b.test.ts' };
  const shared = { file: 'support/shared.ts' };

  test('is told by the test file, and the names around each, also where two files share a module', () => {
    assert.deepEqual(
      outcomes(
        { event: 'start', name: 'suite of a', ...a, ...shared },
        { event: 'start', name: 'one', nesting: 1, ...a, ...shared },
        { event: 'start', name: 'suite of b', ...b, ...shared },
        { event: 'start', name: 'one', nesting: 1, ...b, ...shared },
        { event: 'pass', name: 'one', nesting: 1, ...a, ...shared },
        { event: 'fail', name: 'one', nesting: 1, ...b, ...shared, failureType: 'testCodeFailure' },
        { event: 'fail', name: 'suite of b', type: 'suite', ...b, ...shared, failureType: 'subtestsFailed' },
        { event: 'pass', name: 'suite of a', type: 'suite', ...a, ...shared },
        { event: 'start', name: 'beside', ...a },
        { event: 'pass', name: 'beside', ...a },
      ),
      [
        'a.test.ts: suite of a > one: passed in 1 ms',
        'b.test.ts: suite of b > one: failed in 1 ms',
        'a.test.ts: beside: passed in 1 ms',
      ],
    );
  });

  test('of one that failed, is also its error: what the test itself threw', () => {
    const stream = new EventEmitter();
    const results = resultsOf(stream as unknown as Parameters<typeof resultsOf>[0]);
    for (const cause of [new Error('expected 1'), 'thrown as it is'])
      stream.emit('test:fail', {
        name: 'one',
        nesting: 0,
        file: join(ROOT, 'a.test.ts'),
        details: { type: 'test', duration_ms: 1, error: new Error('a test failed', { cause }) },
      });
    assert.deepEqual(
      results.map(({ error }) => error?.split('\n')[0]),
      ['Error: expected 1', "'thrown as it is'"],
    );
  });

  test('is skipped for a skipped test, one that is to be done, and a suite of which nothing else is told', () => {
    assert.deepEqual(
      outcomes(
        { event: 'start', name: 'skipped', ...a },
        { event: 'pass', name: 'skipped', skip: 'no cluster', ...a },
        { event: 'start', name: 'to do', ...a },
        { event: 'fail', name: 'to do', todo: true, failureType: 'testCodeFailure', ...a },
        { event: 'start', name: 'suite', ...a },
        { event: 'pass', name: 'suite', type: 'suite', skip: 'no root', ...a },
      ),
      ['skipped', 'to do', 'suite'].map((name) => `a.test.ts: ${name}: skipped in 1 ms`),
    );
  });

  test('is a failure for a file or a suite that fails by itself, and nothing for a file without tests', () => {
    assert.deepEqual(
      outcomes(
        { event: 'start', name: 'a.test.ts' },
        { event: 'fail', name: 'a.test.ts', failureType: 'testCodeFailure' },
        { event: 'start', name: 'suite', ...b },
        { event: 'start', name: 'fine', nesting: 1, ...b },
        { event: 'pass', name: 'fine', nesting: 1, ...b },
        { event: 'fail', name: 'suite', type: 'suite', failureType: 'hookFailed', ...b },
        { event: 'start', name: 'empty.test.ts' },
        { event: 'pass', name: 'empty.test.ts' },
      ),
      [
        'a.test.ts: a.test.ts: failed in 1 ms',
        'b.test.ts: suite > fine: passed in 1 ms',
        'b.test.ts: suite: failed in 1 ms',
      ],
    );
  });
});
