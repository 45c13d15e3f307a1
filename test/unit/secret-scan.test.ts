import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoSecret, type Encoding, findLeaks } from '../e2e/support/secret-scan.ts';

const SECRET = 'p"4f9a/+ &<%\\é';

/** A text that holds the secret in one way of writing only. */
const planted: Record<Encoding, string> = {
  plain: `the password is ${SECRET}.`,
  base64: `{"data":{"password":"${Buffer.from(SECRET).toString('base64')}"}}`,
  base64url: `token ${Buffer.from('?>~ÿ'.repeat(8)).toString('base64url')}`,
  url: `https://example/?p=${encodeURIComponent(SECRET)}&x`,
  form: `p=${new URLSearchParams({ p: SECRET }).toString().slice(2)}`,
  json: `{"value":${JSON.stringify(SECRET)}}`,
  'json (Go)': '{"value":"p\\"4f9a/+ \\u0026\\u003c%\\\\é"}',
};

for (const [encoding, text] of Object.entries(planted)) {
  test(`a leak written as ${encoding} is found`, () => {
    const secret = encoding === 'base64url' ? '?>~ÿ'.repeat(8) : SECRET;
    assert.deepEqual(
      findLeaks(text, secret).map((leak) => leak.encoding),
      [encoding],
    );
    assert.throws(
      () => assertNoSecret('the output', text, [secret]),
      (error: Error) => {
        assert.match(error.message, /^the output shows a Secret's value/);
        assert.ok(!error.message.includes(secret), 'the message itself repeats the secret');
        return true;
      },
    );
  });
}

for (const before of [0, 1, 2, 3, 4]) {
  test(`a leak is found in base64 where ${before} bytes precede it and others follow`, () => {
    for (const after of [0, 1, 2]) {
      const text = Buffer.from('x'.repeat(before) + SECRET + 'y'.repeat(after)).toString('base64');
      assert.deepEqual(
        findLeaks(text, SECRET).map((leak) => leak.encoding),
        ['base64'],
      );
    }
  });
}

test('a text without the secret has no leak', () => {
  assert.deepEqual(findLeaks(`p"4f9b/+ ${Buffer.from('another password').toString('base64')}`, SECRET), []);
  assert.doesNotThrow(() => assertNoSecret('the output', 'nothing here', [SECRET]));
});
