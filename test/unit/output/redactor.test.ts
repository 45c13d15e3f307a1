import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor } from '../../../src/output/redactor.ts';

function redactor(...secrets: string[]): Redactor {
  const made = new Redactor();
  made.add(secrets);
  return made;
}

test('a secret is masked wherever it stands', () => {
  const redact = redactor('hunter22');
  assert.equal(redact.redact('hunter22, then xhunter22x'), '***, then x***x');
});

test('without secrets text is returned as it is', () => {
  assert.equal(new Redactor().redact('any text'), 'any text');
});

test('values shorter than six characters are left alone, six are masked', () => {
  const redact = redactor('11211', '112112');
  assert.equal(redact.redact('port 11211'), 'port 11211');
  assert.equal(redact.redact('pin 112112'), 'pin ***');
});

test('blanks around a value do not make it long enough or hide it', () => {
  assert.equal(redactor(' ab  \n').redact('x ab  \n y'), 'x ab  \n y');
  assert.equal(redactor('hunter22\n').redact('password=hunter22 user=x'), 'password=*** user=x');
});

test('the longest of several secrets wins, so that no rest of it is left', () => {
  assert.equal(redactor('secret', 'secret-and-more').redact('=secret-and-more='), '=***=');
});

test('overlapping secrets become one mask', () => {
  assert.equal(redactor('abcdef12', 'ef123456').redact('<abcdef123456>'), '<***>');
});

test('secrets that touch or stand apart are each masked', () => {
  const redact = redactor('first-one', 'other-one');
  assert.equal(redact.redact('a first-one b other-one c'), 'a *** b *** c');
  assert.equal(redact.redact('first-oneother-one').includes('one'), false);
});

test('secrets added after a text was seen are masked from then on', () => {
  const redact = redactor('hunter22');
  redact.redact('warm');
  redact.add(['another-one']);
  assert.equal(redact.redact('another-one hunter22'), '*** ***');
});

test('each line of a longer secret is masked by itself, as an indented YAML block shows it', () => {
  const redact = redactor('-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nshort\n-----END KEY-----\n');
  const text = redact.redact('key: |\n    -----BEGIN KEY-----\n    MIIEpAIBAAKCAQEA\n');
  assert.equal(text, 'key: |\n    ***\n    ***\n');
});

test('our own name is not masked: every advice holds it', () => {
  assert.equal(
    redactor('memcached').redact('kubectl memcached-backup list'),
    'kubectl memcached-backup list',
  );
});

const awkward = `p"a/s\\s<w>&'o r+d\u00e9!`;
const encodings: Record<string, string> = {
  JSON: JSON.stringify(awkward),
  'JSON inside JSON': JSON.stringify(JSON.stringify(awkward)),
  "Go's JSON": JSON.stringify(awkward)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026'),
  'URL, upper case': encodeURIComponent(awkward),
  'URL, lower case': encodeURIComponent(awkward).replaceAll(/%../g, (code) => code.toLowerCase()),
  'URL form': new URLSearchParams({ v: awkward }).toString().slice(2),
  'YAML single quotes': `'${awkward.replaceAll("'", "''")}'`,
  'shell single quotes': `'${awkward.replaceAll("'", `'\\''`)}'`,
  base64: Buffer.from(awkward).toString('base64'),
  base64url: Buffer.from(awkward).toString('base64url'),
  'base64 in a URL': encodeURIComponent(Buffer.from(awkward).toString('base64')),
};
for (const [name, text] of Object.entries(encodings)) {
  test(`a secret in ${name} is masked`, () => {
    const masked = redactor(awkward).redact(`before ${text} after`);
    assert.equal(masked.replaceAll(/['"\\]/g, ''), 'before *** after');
  });
}

for (const prefix of ['', 'u', 'us', 'use', 'user:']) {
  test(`a secret inside base64 of a longer text is masked behind ${prefix.length} bytes`, () => {
    const text = Buffer.from(`${prefix}correct-horse:rest`).toString('base64');
    const masked = redactor('correct-horse').redact(text);
    assert.match(masked, /\*\*\*/);
    const visible = masked.split('***').map((part) => part.replaceAll('=', ''));
    // At most the characters that share bits with a neighbouring byte are left of it.
    assert.ok(visible.join('').length <= text.length - Math.floor((13 * 4) / 3) + 2, masked);
  });
}

test('a secret of a megabyte is no obstacle', () => {
  const secret = 'x1y2z3w4'.repeat(131072);
  assert.equal(redactor(secret).redact(`a ${secret} b`), 'a *** b');
});

test('the password of a URL is masked wherever it stands, also where nobody said that it is one', () => {
  const redactor = new Redactor();
  assert.equal(redactor.redact('DSN: mysql://root:hunter22@db/x'), 'DSN: mysql://root:***@db/x');
});
