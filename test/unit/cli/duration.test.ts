import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDuration } from '../../../src/cli/duration.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';

describe('a duration is read as Go and kubectl read it', () => {
  const cases: [string, number][] = [
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['300ms', 300],
    ['.5m', 30_000],
    ['0', 0],
    ['0s', 0],
    ['30', 30_000],
  ];
  for (const [text, milliseconds] of cases) {
    test(`${text} is ${milliseconds} ms`, () => assert.equal(parseDuration(text, 'timeout'), milliseconds));
  }
});

for (const text of ['', '5x', 'm', '-5m', '5 m', '5m ', '1h-30m', '1.2.3s', '1000h', '99999999999']) {
  test(`"${text}" is refused, naming the flag`, () => {
    assert.throws(
      () => parseDuration(text, 'timeout'),
      (error) => error instanceof UsageError && error.message.includes('--timeout'),
    );
  });
}
