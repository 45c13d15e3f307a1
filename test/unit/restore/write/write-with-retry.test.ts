import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UnreachableError } from '../../../../src/errors/tool-error.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import { type Found, writeWithRetry } from '../../../../src/restore/write/write-with-retry.ts';

const LOST = new UnreachableError('the server closed the connection before it answered');
const refusal = (status: number): ApiError =>
  ApiError.fromReply(status, '', { verb: 'create', group: '', resource: 'services' });

/** What a server does with a write and with a look at it, one after the other. */
function script(...steps: ['write' | 'look', Error | string | Found<string>][]) {
  const done: string[] = [];
  const next = async <T>(asked: 'write' | 'look'): Promise<T> => {
    done.push(asked);
    const [expected, answer] = steps[done.length - 1] ?? ['nothing', ''];
    assert.equal(asked, expected, done.join());
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
  return {
    done,
    outcome: writeWithRetry<string>(
      () => next('write'),
      () => next('look'),
    ),
  };
}

const NOT_DONE: Found<string> = { is: 'not done' };

describe('a write whose answer was lost', { concurrency: true }, () => {
  for (const error of [LOST, refusal(500), refusal(503), refusal(429)]) {
    test(`is sent again where nothing came of it (${error.message})`, async () => {
      const { outcome, done } = script(['write', error], ['look', NOT_DONE], ['write', 'there']);
      assert.equal(await outcome, 'there');
      assert.deepEqual(done, ['write', 'look', 'write']);
    });
  }

  test('is not sent again where it was done, nor where something else is there', async () => {
    const done = script(['write', LOST], ['look', { is: 'done', answer: 'there' }]);
    assert.equal(await done.outcome, 'there');
    await assert.rejects(script(['write', LOST], ['look', { is: 'something else' }]).outcome, LOST);
  });

  test('is never sent blindly: a look that fails, too, is repeated', async () => {
    const { outcome } = script(
      ['write', LOST],
      ['look', refusal(502)],
      ['look', NOT_DONE],
      ['write', 'there'],
    );
    assert.equal(await outcome, 'there');
  });

  test('is looked for once more where something is in the way of sending it again: that may be itself', async () => {
    const late = script(
      ['write', LOST],
      ['look', NOT_DONE],
      ['write', refusal(409)],
      ['look', { is: 'done', answer: 'there' }],
    );
    assert.equal(await late.outcome, 'there');
  });

  test('fails with the error that left it open, where the server does not come back', async () => {
    const gone = script(['write', LOST], ['look', LOST], ['look', LOST], ['look', LOST]);
    await assert.rejects(gone.outcome, LOST);
    const broken = refusal(500);
    const failing = script(
      ['write', refusal(429)],
      ['look', NOT_DONE],
      ['write', broken],
      ['look', NOT_DONE],
      ['write', refusal(429)],
      ['look', NOT_DONE],
      ['write', refusal(429)],
    );
    await assert.rejects(failing.outcome, broken);
  });

  test('fails with it, too, where nobody may look', async () => {
    await assert.rejects(script(['write', LOST], ['look', refusal(403)]).outcome, LOST);
  });
});

test('a refusal stands, at once and later', async () => {
  for (const status of [400, 403, 404, 409, 422]) {
    const refused = refusal(status);
    await assert.rejects(script(['write', refused]).outcome, refused);
  }
  const quota = refusal(403);
  await assert.rejects(script(['write', LOST], ['look', NOT_DONE], ['write', quota]).outcome, quota);
});
