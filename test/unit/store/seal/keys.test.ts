import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { FlagValues } from '../../../../src/cli/flag-values.ts';
import { keySources } from '../../../../src/cli/key-flags.ts';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { type KeySources, Keys, NO_KEYS } from '../../../../src/store/seal/keys.ts';
import { aKey } from '../../../support/sealed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function keys(sources: Partial<KeySources>): Keys {
  return new Keys({ ...NO_KEYS, ...sources });
}

async function refusal(act: Promise<unknown>): Promise<UsageError> {
  const error = await act.then(
    () => assert.fail('it was taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UsageError);
  return error;
}

test('recipients of flags and of the file, each once', async (t) => {
  const [one, two] = [await aKey(t), await aKey(t)];
  const file = join(await temporaryFolder(t), 'recipients');
  writeFileSync(file, `# both\n${one.recipient}\n${two.recipient}\n`);
  const seal = await keys({ encryptTo: [one.recipient], recipientsFile: file }).sealFor('backup');
  assert.ok(seal !== undefined && 'recipients' in seal);
  assert.deepEqual(
    seal.recipients.map(({ text }) => text),
    [one.recipient, two.recipient],
  );
});

test('a recipients file without a recipient is refused: what is saved would be in plain text', async (t) => {
  const file = join(await temporaryFolder(t), 'recipients');
  for (const text of ['', '\n\n', '# nobody\n']) {
    writeFileSync(file, text);
    const { message } = await refusal(keys({ recipientsFile: file }).sealFor('backup'));
    assert.match(message, /names no recipient, so nothing would be sealed/);
  }
});

test('a key in the place of its file is refused, and never shown', async () => {
  const secret = await generateX25519Identity();
  for (const sources of [
    { identityFiles: [secret] },
    { identityFiles: [`${secret}\n`] },
    { recipientsFile: secret },
    { encryptTo: [secret] },
  ]) {
    const given = keys(sources);
    const act = 'identityFiles' in sources ? given.openers() : given.sealFor('backup');
    const { message, next, untouched } = await refusal(act);
    assert.match(message, /a key itself|a private key/);
    assert.ok(!JSON.stringify([message, next, untouched]).includes(secret.slice(20, 40)));
  }
});

test('a file that is not there, or a folder, is named', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = await refusal(keys({ identityFiles: [join(folder, 'none')] }).openers());
  assert.match(missing.message, /can't read the identity file .*none: it does not exist/);
  await refusal(keys({ recipientsFile: folder }).sealFor('backup'));
});

test('post-quantum recipients go with no others', async (t) => {
  const hybrid = await identityToRecipient(await generateHybridIdentity());
  const { recipient } = await aKey(t);
  await keys({ encryptTo: [hybrid] }).sealFor('backup');
  const { message } = await refusal(keys({ encryptTo: [hybrid, recipient] }).sealFor('backup'));
  assert.match(message, /post-quantum recipients .* do not go together/);
});

test('a passphrase wants a terminal, and no recipients beside it', async (t) => {
  const { recipient } = await aKey(t);
  assert.match((await refusal(keys({ encryptPassphrase: true }).sealFor('backup'))).message, /no terminal/);
  const mixed = keys({ encryptPassphrase: true, encryptTo: [recipient], ask: async () => 'x' });
  assert.match((await refusal(mixed.sealFor('backup'))).message, /not both/);
  const empty = keys({ encryptPassphrase: true, ask: async () => '' });
  assert.match((await refusal(empty.sealFor('backup'))).message, /is empty/);
});

test('flags win over their variables, and who is named on the command line is meant alone', () => {
  const env = { MEMCACHED_BACKUP_RECIPIENTS_FILE: '/r', MEMCACHED_BACKUP_IDENTITY_FILE: '/i' };
  const given = (flags: Record<string, string[]>) =>
    keySources(new FlagValues(new Map(Object.entries(flags)), []), env, undefined);
  assert.deepEqual(given({}), {
    encryptTo: [],
    recipientsFile: '/r',
    encryptPassphrase: false,
    identityFiles: ['/i'],
    identityFlags: [],
  });
  assert.equal(given({ 'recipients-file': ['/other'] }).recipientsFile, '/other');
  assert.equal(given({ 'encrypt-to': ['age1'] }).recipientsFile, undefined);
  assert.equal(given({ 'encrypt-passphrase': ['true'] }).recipientsFile, undefined);
  assert.deepEqual(given({ identity: ['/a', '/b'] }).identityFiles, ['/a', '/b']);
  const { identityFlags } = given({ identity: ['/a', '/my key', 'AGE-SECRET-KEY-1ABC'] });
  assert.deepEqual(identityFlags, ['--identity', '/a', '--identity', '/my key'], 'for advice: files alone');
});
