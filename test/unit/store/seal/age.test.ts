import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { armor, Encrypter } from 'age-encryption';
import { Damage } from '../../../../src/store/format/damage.ts';
import { NoKeyFits, open, seal } from '../../../../src/store/seal/age.ts';
import { parseIdentities } from '../../../../src/store/seal/identity.ts';
import { parseRecipient } from '../../../../src/store/seal/recipient.ts';
import { aKey } from '../../../support/sealed.ts';

const HELLO = Buffer.from('hello');

test('a header of another kind is damage, told before any key is tried', async (t) => {
  const { recipient } = await aKey(t);
  const sealed = await seal(HELLO, { recipients: [parseRecipient(recipient)] });
  const stanzas = '-> X25519 AAAA\nAAAA\n'.repeat(65);
  const cases: [Buffer | string, RegExp][] = [
    ['', /not a file of age v1/],
    ['age-encryption.org/v2\n', /not a file of age v1/],
    [armor.encode(sealed), /not a file of age v1/],
    ['age-encryption.org/v1\n-> X25519 x\n', /has no end/],
    [`age-encryption.org/v1\n${'A'.repeat(300_000)}\n--- x\n`, /has no end, or is longer than/],
    ['age-encryption.org/v1\n--- x\n', /is sealed to 0 recipients/],
    [`age-encryption.org/v1\n${stanzas}--- x\n`, /is sealed to 65 recipients; 1 to 64 are read/],
  ];
  for (const [content, message] of cases) {
    const openers = { identities: [] };
    await assert.rejects(open(Buffer.from(content as string), openers, 'it'), (error: unknown) => {
      assert.ok(error instanceof Damage);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a forged file can not have a passphrase tried at any cost', async () => {
  const header = (factor: string): Buffer =>
    Buffer.from(
      `age-encryption.org/v1\n-> scrypt ${'A'.repeat(22)} ${factor}\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`,
    );
  const openers = { identities: [], passphrase: async () => 'x' };
  const started = performance.now();
  for (const factor of ['21', '30', '63', '99']) {
    await assert.rejects(open(header(factor), openers, 'it'), /its scrypt work factor \d+ is above 20/);
  }
  for (const factor of ['0', '-1', '1e9', '018', '']) {
    await assert.rejects(open(header(factor), openers, 'it'), Damage);
  }
  assert.ok(performance.now() - started < 5000);
});

test('a passphrase opens nothing that others can open as well', async () => {
  const sealed = await seal(HELLO, { passphrase: 'x' }, 4);
  assert.deepEqual(await open(sealed, { identities: [], passphrase: async () => 'x' }, 'it'), HELLO);
  const text = sealed.toString('latin1');
  const stanza = /-> scrypt .*\n.*\n/.exec(text)![0];
  const twice = Buffer.from(text.replace(stanza, stanza + stanza), 'latin1');
  await assert.rejects(open(twice, { identities: [], passphrase: async () => 'x' }, 'it'), Damage);
});

test('nobody is asked for a passphrase that a file does not have', async (t) => {
  const { recipient, file } = await aKey(t);
  const sealed = await seal(HELLO, { recipients: [parseRecipient(recipient)] });
  const ask = () => assert.fail('asked');
  const identities = parseIdentities(readFileSync(file, 'utf8'));
  assert.deepEqual(await open(sealed, { identities, passphrase: ask }, 'it'), HELLO);
  await assert.rejects(open(sealed, { identities: [], passphrase: ask }, 'it'), NoKeyFits);
});

test('what the library seals with a passphrase is opened', async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase('x');
  encrypter.setScryptWorkFactor(4);
  const sealed = Buffer.from(await encrypter.encrypt(HELLO));
  assert.deepEqual(await open(sealed, { identities: [], passphrase: async () => 'x' }, 'it'), HELLO);
});
