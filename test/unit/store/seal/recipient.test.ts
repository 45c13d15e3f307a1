import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { sha256 } from '../../../../src/store/format/digest.ts';
import { NoRecipient, parseRecipient, parseRecipients } from '../../../../src/store/seal/recipient.ts';
import { wireStrings } from '../../../../src/store/ssh/wire.ts';
import { anSshKey } from '../../../support/sealed.ts';

/** Of the age specification's own examples. */
const AGE = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

test('each kind is told, and has the fingerprint of its text without a comment', async (t) => {
  const hybrid = await identityToRecipient(await generateHybridIdentity());
  const ssh = await anSshKey(t);
  const withoutComment = ssh.recipient.split(' ').slice(0, 2).join(' ');
  const rsa = await anSshKey(t, ['-t', 'rsa', '-b', '2048']);
  const cases: [string, string, string][] = [
    [AGE, 'x25519', AGE],
    [` ${AGE.toUpperCase()} `, 'x25519', AGE],
    [hybrid, 'mlkem768x25519', hybrid],
    [ssh.recipient, 'ssh-ed25519', withoutComment],
    [rsa.recipient, 'ssh-rsa', rsa.recipient.split(' ').slice(0, 2).join(' ')],
  ];
  for (const [text, type, canonical] of cases) {
    const fingerprint = sha256(canonical).slice(0, 8);
    assert.deepEqual(parseRecipient(text), { type, text: canonical, fingerprint });
  }
});

test('whatever character of a recipient is wrong or missing, it is refused', async () => {
  for (const recipient of [AGE, await identityToRecipient(await generateX25519Identity())]) {
    for (const [index, letter] of [...recipient].entries()) {
      if (index < 5) continue;
      const other = letter === 'q' ? 'p' : 'q';
      for (const replaced of [other, '', letter.repeat(2), 'b']) {
        const typo = recipient.slice(0, index) + replaced + recipient.slice(index + 1);
        if (typo === recipient) continue;
        assert.throws(() => parseRecipient(typo), NoRecipient, typo);
      }
    }
  }
});

describe('what is no recipient is refused, and not shown', () => {
  const ecdsa = `ecdsa-sha2-nistp256 ${wireStrings('ecdsa-sha2-nistp256', 'x').toString('base64')}`;
  const short = `ssh-ed25519 ${wireStrings('ssh-ed25519', 'x'.repeat(31)).toString('base64')}`;
  const weak = `ssh-rsa ${wireStrings('ssh-rsa', Buffer.of(1, 0, 1), Buffer.alloc(128, 0x7f)).toString('base64')}`;
  const lying = `ssh-rsa ${wireStrings('ssh-ed25519', 'x'.repeat(32)).toString('base64')}`;
  const cases: Record<string, [string, RegExp]> = {
    'a private key': [
      'AGE-SECRET-KEY-1QQQSECRETQQQ',
      /^it is a private key: whoever has it can open every backup/,
    ],
    'mixed case': [`${AGE.slice(0, 20)}${AGE.slice(20).toUpperCase()}`, /mixes upper and lower case/],
    'a plugin': ['age1yubikey1qwerty', /checksum|character/],
    'an e-mail address': ['somebody@example.com', /neither age1/],
    'an ECDSA key': [ecdsa, /neither age1…/],
    'a short Ed25519 key': [short, /an Ed25519 key has 32 bytes/],
    'an RSA key of 1024 bits': [weak, /an RSA key has 2048 to 16384 bits/],
    'a key of another type than its line says': [lying, /its type is another than the key says/],
    'no base64': ['ssh-ed25519 AAAA!', /not a line of an SSH public key/],
    nothing: ['', /neither age1/],
  };
  for (const [name, [text, message]] of Object.entries(cases)) {
    test(name, () =>
      assert.throws(
        () => parseRecipient(text),
        (error: unknown) => {
          assert.ok(error instanceof NoRecipient);
          assert.match(error.message, message);
          assert.ok(text.length < 10 || !error.message.includes(text));
          return true;
        },
      ),
    );
  }
});

test('a recipients file has one a line, with comments and blank lines; a fault is named by its line', () => {
  assert.deepEqual(
    parseRecipients(`# the platform team\r\n\r\n${AGE}\n  # another\n`).map(({ text }) => text),
    [AGE],
  );
  assert.throws(() => parseRecipients(`# x\n${AGE}\nage1typo\n`), /^Error: line 3: /);
});
