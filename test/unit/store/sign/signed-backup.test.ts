import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../../src/advice/spell.ts';
import { list } from '../../../../src/commands/list.ts';
import { show } from '../../../../src/commands/show.ts';
import { verify } from '../../../../src/commands/verify.ts';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { createMemoryIO, type MemoryIO } from '../../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../../src/session/context.ts';
import { LastWords } from '../../../../src/session/last-words.ts';
import type { KeySources } from '../../../../src/store/seal/keys.ts';
import { signaturesOf } from '../../../../src/store/seal/sealing-store.ts';
import { parseAllowedSigners } from '../../../../src/store/sign/allowed-signers.ts';
import {
  judgeSignature,
  NAMESPACE,
  type SignatureSources,
  Signatures,
  UntrustedBackup,
} from '../../../../src/store/sign/signatures.ts';
import { parseDocumented } from '../../../support/documented-output.ts';
import { aKey, anSshKey, aSealingStore } from '../../../support/sealed.ts';
import { SMALL, writeSmallBackup } from '../../../support/small-backup.ts';
import { spelled } from '../../spelled.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOW = new Date('2026-11-29T12:00:00Z');

/** A store that signs, a file of signers, and a backup in it. */
async function signed(t: TestContext, keys: Partial<KeySources> = {}) {
  const root = await temporaryFolder(t);
  const key = await anSshKey(t);
  const trust = join(await temporaryFolder(t), 'allowed');
  writeFileSync(trust, `alice@example.com ${key.recipient}\n`);
  const store = await storeWith(root, { signKeyFile: key.file, trustFile: trust }, keys);
  const { location } = await writeSmallBackup(store);
  return { root, key, trust, store, location };
}

function storeWith(root: string, sources: SignatureSources, keys: Partial<KeySources> = {}) {
  return aSealingStore(root, keys, { signatures: new Signatures(sources) });
}

function sshKeygen(location: string, trust: string, who = 'alice@example.com', namespace = NAMESPACE) {
  const options = ['-f', trust, '-I', who, '-n', namespace, '-s', join(location, 'backup.json.sig')];
  const input = readFileSync(join(location, 'backup.json'));
  return spawnSync('ssh-keygen', ['-Y', 'verify', ...options], { input, encoding: 'utf8' });
}

async function run(
  command: 'list' | 'show' | 'verify',
  root: string,
  trustFile?: string,
  output: 'json' | 'wide' = 'json',
): Promise<{ code: number; io: MemoryIO }> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => Promise.reject(new Error('no cluster is needed')),
    store: () => storeWith(root, { trustFile }),
    stateFolder: async () => undefined,
    now: () => NOW,
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const code = await {
    list: () => list({ allNamespaces: true, safety: false, output, headers: true }, context),
    show: () => show({ output }, context),
    verify: () => verify({ offline: true, helm: undefined, output, headers: true }, context),
  }[command]();
  return { code, io };
}

test('ssh-keygen accepts the signature, and refuses a changed file, another signer and another purpose', async (t) => {
  const { location, trust } = await signed(t);
  const good = sshKeygen(location, trust);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /Good "memcached-backup@backup.json" signature for alice@example.com/);
  assert.notEqual(sshKeygen(location, trust, 'bob@example.com').status, 0);
  assert.notEqual(sshKeygen(location, trust, 'alice@example.com', 'file').status, 0);
  const changed = join(await temporaryFolder(t), 'changed');
  cpSync(location, changed, { recursive: true });
  appendFileSync(join(changed, 'backup.json'), '\n');
  assert.notEqual(sshKeygen(changed, trust).status, 0);
});

for (const hash of ['sha256', 'sha512']) {
  test(`what ssh-keygen signed by ${hash} is taken`, async (t) => {
    const root = await temporaryFolder(t);
    const key = await anSshKey(t);
    const { location } = await writeSmallBackup(await storeWith(root, {}));
    execFileSync('ssh-keygen', [
      '-Y',
      'sign',
      '-q',
      '-O',
      `hashalg=${hash}`,
      '-f',
      key.file,
      '-n',
      NAMESPACE,
      join(location, 'backup.json'),
    ]);
    const trust = join(await temporaryFolder(t), 'allowed');
    writeFileSync(trust, `bob ${key.recipient}\n`);
    const store = await storeWith(root, { trustFile: trust });
    await signaturesOf(store).assertTrusted(await store.open(SMALL), NOW);
  });
}

test('a key in PEM signs as well, and one of another kind, or behind a passphrase, is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const pem = join(folder, 'pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(pem, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const { location } = await writeSmallBackup(await storeWith(folder, { signKeyFile: pem }));
  assert.match(readFileSync(join(location, 'backup.json.sig'), 'utf8'), /^-----BEGIN SSH SIGNATURE-----\n/);
  const rsa = await anSshKey(t, ['-t', 'rsa', '-b', '2048']);
  await assert.rejects(new Signatures({ signKeyFile: rsa.file }).signer(), /no Ed25519 key/);
  const locked = join(folder, 'locked');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-f', locked]);
  await assert.rejects(new Signatures({ signKeyFile: locked }).signer(), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(spelled(error.next), /ssh-keygen -p -N ''/);
    return true;
  });
});

test('what nobody trusted signed is refused: unsigned, by a stranger, changed, for something else, too late', async (t) => {
  const { root, trust, key, location, store } = await signed(t);
  await signaturesOf(store).assertTrusted(await store.open(SMALL), NOW);
  const refusal = async (trustFile: string | undefined, at = root): Promise<string> => {
    const other = await storeWith(at, { trustFile });
    const error = await signaturesOf(other)
      .assertTrusted(await other.open(SMALL), NOW)
      .then(
        () => assert.fail('it was trusted'),
        (reason: unknown) => reason,
      );
    assert.ok(error instanceof UntrustedBackup);
    assert.equal(error.exitCode, 1);
    return error.message;
  };
  const stranger = await anSshKey(t);
  const lists: [string, RegExp][] = [
    [`mallory ${stranger.recipient}`, /who is not among those who are trusted/],
    [`alice namespaces="file" ${key.recipient}`, /the key is allowed for file alone/],
    [`alice valid-before="20261128Z" ${key.recipient}`, /the key is allowed no more/],
  ];
  for (const [line, message] of lists) {
    const file = join(await temporaryFolder(t), 'allowed');
    writeFileSync(file, `${line}\n`);
    assert.match(await refusal(file), message);
  }
  const unsigned = await temporaryFolder(t);
  await writeSmallBackup(await storeWith(unsigned, {}));
  assert.match(await refusal(trust, unsigned), /nobody signed it/);
  // The signature of another backup.
  const another = await temporaryFolder(t);
  const { location: there } = await writeSmallBackup(await storeWith(another, {}), { megabytes: 128 });
  cpSync(join(location, 'backup.json.sig'), join(there, 'backup.json.sig'));
  assert.match(await refusal(trust, another), /is of another backup.json, or was changed/);
  const sign = (namespace: string): void => {
    execFileSync(
      'ssh-keygen',
      ['-Y', 'sign', '-q', '-f', key.file, '-n', namespace, join(there, 'backup.json')],
      {
        input: 'y\n',
      },
    );
  };
  sign('file');
  assert.match(await refusal(trust, another), /was made for something else/);
  writeFileSync(join(there, 'backup.json.sig'), 'nonsense');
  assert.match(await refusal(trust, another), /can't be read: it is not a signature of ssh-keygen/);
});

test('any character of a signature that is changed is noticed', async (t) => {
  const { location, trust } = await signed(t);
  const signature = readFileSync(join(location, 'backup.json.sig'), 'utf8');
  const documentBytes = readFileSync(join(location, 'backup.json'));
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256').update(documentBytes).digest('hex');
  const signers = parseAllowedSigners(readFileSync(trust, 'utf8'));
  const judge = (text: string) =>
    judgeSignature({ signature: text, digest, documentBytes }, signers, NOW).status;
  assert.equal(judge(signature), 'trusted');
  for (const [index, letter] of [...signature].entries()) {
    if (letter === '\n') continue;
    const other = letter === 'A' ? 'B' : 'A';
    assert.notEqual(
      judge(signature.slice(0, index) + other + signature.slice(index + 1)),
      'trusted',
      `at ${index}`,
    );
  }
});

test('list, show and verify say who signed it', async (t) => {
  const { root, trust } = await signed(t);
  const told = parseDocumented((await run('list', root, trust)).io.stdout).items[0].signed;
  assert.deepEqual([told.status, told.by], ['trusted', 'alice@example.com']);
  assert.match((await run('list', root, trust, 'wide')).io.stdout, /alice@example\.com/);
  assert.equal(parseDocumented((await run('show', root, trust)).io.stdout).signed.by, 'alice@example.com');
  assert.match(
    (await run('show', root, trust, 'wide')).io.stdout,
    /^Signed: +by alice@example\.com \(SHA256:/m,
  );
  const { code, io } = await run('verify', root, trust);
  assert.equal(code, 0);
  assert.deepEqual(parseDocumented(io.stdout).results[0], {
    check: 'signature',
    what: 'backup.json by alice@example.com',
    status: 'ok',
  });
});

test('without signers named, a signature is mentioned as unverified, and nothing else changes', async (t) => {
  const { root } = await signed(t);
  assert.equal(parseDocumented((await run('list', root)).io.stdout).items[0].signed.status, 'unverified');
  assert.match(
    (await run('show', root, undefined, 'wide')).io.stdout,
    /^Signed: +with SHA256:\S+, unverified/m,
  );
  const { code, io } = await run('verify', root);
  assert.equal(code, 0);
  assert.equal(parseDocumented(io.stdout).results[0].status, 'unchecked');
});

test('with signers named, verify fails what none of them signed', async (t) => {
  const { trust } = await signed(t);
  const root = await temporaryFolder(t);
  await writeSmallBackup(await storeWith(root, {}));
  const { code, io } = await run('verify', root, trust);
  assert.equal(code, 1);
  assert.match(JSON.stringify(parseDocumented(io.stdout).results), /nobody signed it/);
});

test('a sealed backup is signed outside, and needs no key for that', async (t) => {
  const key = await aKey(t);
  const { location, trust, root } = await signed(t, { encryptTo: [key.recipient] });
  assert.ok(existsSync(join(location, 'sealed.tar.gz.age')));
  assert.equal(sshKeygen(location, trust).status, 0);
  assert.equal(parseDocumented((await run('list', root, trust)).io.stdout).items[0].signed.status, 'trusted');
});

test('the second backup of a second is signed under the id that it gets', async (t) => {
  const { store, trust } = await signed(t);
  const { location } = await writeSmallBackup(store);
  assert.match(location, /-2$/);
  assert.equal(sshKeygen(location, trust).status, 0);
});

test('the runbook checks it by ssh-keygen alone', async (t) => {
  const { location, trust } = await signed(t);
  const page = readFileSync(join(location, 'RUNBOOK.md'), 'utf8');
  const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].at(-1)?.[1] ?? '';
  const check = (): { status: number | null; stdout: string } =>
    spawnSync('sh', ['-ec', commands.replaceAll('ALLOWED_SIGNERS', trust)], {
      cwd: location,
      encoding: 'utf8',
    });
  assert.match(check().stdout, /^Good "memcached-backup@backup\.json" signature for alice@example\.com/);
  appendFileSync(join(location, 'backup.json'), ' ');
  assert.notEqual(check().status, 0);
});

test('a file of signers that is none is refused', async (t) => {
  const { store } = await signed(t);
  const file = join(await temporaryFolder(t), 'allowed');
  for (const text of ['', '# nobody\n', 'alice\n']) {
    writeFileSync(file, text);
    const reader = await store.open(SMALL);
    await assert.rejects(new Signatures({ trustFile: file }).assertTrusted(reader, NOW), UsageError);
  }
});
