import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { generateHybridIdentity, generateX25519Identity } from 'age-encryption';
import { NoIdentity, parseIdentities } from '../../../../src/store/seal/identity.ts';
import { publicKeyLine } from '../../../../src/store/ssh/public-key.ts';
import { anSshKey } from '../../../support/sealed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('an identity file of age may hold several keys, comments and blank lines', async () => {
  const [one, two] = [await generateX25519Identity(), await generateHybridIdentity()];
  const file = `# created: 2026-11-29\n# public key: age1…\n${one}\r\n\n${two}`;
  assert.deepEqual(parseIdentities(file), [
    { type: 'native', text: one },
    { type: 'native', text: two },
  ]);
});

for (const options of [
  ['-t', 'ed25519'],
  ['-t', 'rsa', '-b', '2048'],
  ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
  ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
]) {
  test(`ssh-keygen ${options.join(' ')}: its public half is the one that ssh-keygen says`, async (t) => {
    const { file, recipient } = await anSshKey(t, options);
    const [identity] = parseIdentities(readFileSync(file, 'utf8'));
    assert.ok(identity?.type === 'ssh');
    assert.equal(publicKeyLine(identity.key.public), recipient.split(' ').slice(0, 2).join(' '));
  });
}

describe('a file that holds no key that can be used is refused, and nothing of it is shown', () => {
  const cases: Record<string, [string | (() => Promise<string>), RegExp]> = {
    'a typo': [
      async () => (await generateX25519Identity()).replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')),
      /^line 1: its checksum does not fit/,
    ],
    'a public key': [
      '# x\nage1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
      /^line 2: it is a public key, which opens nothing/,
    ],
    'a key of a plugin': ['AGE-PLUGIN-YUBIKEY-1QQQQ', /^line 1: it is of an age plugin/],
    'an encrypted identity file of age': [
      'age-encryption.org/v1\n-> scrypt',
      /itself encrypted with age; decrypt it first/,
    ],
    'the same, armored': ['-----BEGIN AGE ENCRYPTED FILE-----\nYWdl', /itself encrypted with age/],
    'something else': ['hello', /^line 1: it is no key of age/],
    'comments alone': ['# nothing\n', /it holds no key/],
    'a spoilt key of OpenSSH': [
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /ends too early/,
    ],
    'a spoilt PEM': [
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      /not a private key of OpenSSH or PEM/,
    ],
  };
  for (const [name, [file, message]] of Object.entries(cases)) {
    test(name, async () => {
      const text = typeof file === 'string' ? file : await file();
      assert.throws(
        () => parseIdentities(text),
        (error: unknown) => {
          assert.ok(error instanceof NoIdentity);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  for (const format of [[], ['-m', 'PEM'], ['-m', 'PKCS8']]) {
    test(`an SSH key behind a passphrase ${format.join(' ')}`, async (t) => {
      const file = join(await temporaryFolder(t), 'id');
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        'rsa',
        '-b',
        '2048',
        '-N',
        'a passphrase',
        ...format,
        '-f',
        file,
      ]);
      assert.throws(
        () => parseIdentities(readFileSync(file, 'utf8')),
        /protected by a passphrase; make a copy without one, .*ssh-keygen -p/,
      );
    });
  }
});
