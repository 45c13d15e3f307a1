import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSoundSource } from '../../../../src/backup/read-sound-source.ts';
import { ToolError, UsageError } from '../../../../src/errors/tool-error.ts';
import { packArchive } from '../../../../src/store/format/archive.ts';
import { DamagedBackup } from '../../../../src/store/format/damage.ts';
import { checksumLine, sha256 } from '../../../../src/store/format/digest.ts';
import { SealedBackup } from '../../../../src/store/format/sealed-backup.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { seal } from '../../../../src/store/seal/age.ts';
import { plainContent } from '../../../../src/store/seal/plain-content.ts';
import { parseRecipient } from '../../../../src/store/seal/recipient.ts';
import { sealingBy } from '../../../../src/store/seal/sealing-store.ts';
import { aKey, anSshKey, aSealingStore } from '../../../support/sealed.ts';
import { PASSWORD, SMALL, writeSmallBackup } from '../../../support/small-backup.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const HERE = { version: '0.1.0' };

/** Every byte of every file in a folder. */
function everything(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}

/** A sealed backup in a folder, and the key that opens it. */
async function aSealedBackup(t: TestContext) {
  const root = await temporaryFolder(t);
  const key = await aKey(t);
  const store = await aSealingStore(root, { encryptTo: [key.recipient], identityFiles: [key.file] });
  return { root, key, store, ...(await writeSmallBackup(store)) };
}

test('a sealed backup is an archive, a runbook and backup.json, and is opened to the same bytes', async (t) => {
  const { root, location, store } = await aSealedBackup(t);
  assert.deepEqual(readdirSync(location).sort(), [
    'RUNBOOK.md',
    'backup.json',
    'backup.json.sha256',
    'sealed.tar.gz.age',
  ]);
  const plainRoot = await temporaryFolder(t);
  const plainStore = await openStore(plainRoot);
  await writeSmallBackup(plainStore);
  const [sealed, plain] = [await store.open(SMALL), await plainStore.open(SMALL)];
  const opened = await sealed.unsealed();
  assert.deepEqual(opened.document.files, plain.document.files);
  for (const { path } of plain.document.files) {
    assert.deepEqual(await opened.read(path), await plain.read(path), path);
  }
  assert.equal(
    (await readSoundSource(sealed, HERE)).objects.length,
    (await readSoundSource(plain, HERE)).objects.length,
  );
  assert.ok(root.length > 0);
});

test('no Secret, and no digest of a file, lies in the store outside of the archive', async (t) => {
  const { root, store } = await aSealedBackup(t);
  const plain = await (await store.open(SMALL)).unsealed();
  const held = everything(root).toString('latin1');
  for (const { path, sha256: digest } of plain.document.files) {
    assert.ok(!held.includes(digest), `the digest of ${path}`);
  }
  const plainRoot = await temporaryFolder(t);
  await writeSmallBackup(await openStore(plainRoot));
  for (const form of [PASSWORD, Buffer.from(PASSWORD).toString('base64')]) {
    assert.ok(everything(plainRoot).includes(form), 'it stands in a backup that is not sealed');
    assert.ok(!held.includes(form), form);
  }
});

test('backup.json says to whom it is sealed, by a fingerprint', async (t) => {
  const { location, key } = await aSealedBackup(t);
  const document = JSON.parse(readFileSync(join(location, 'backup.json'), 'utf8'));
  assert.equal(document.formatVersion, 2);
  assert.deepEqual(document.sealed, {
    recipients: [{ type: 'x25519', fingerprint: sha256(key.recipient).slice(0, 8) }],
  });
  assert.deepEqual(
    document.files.map(({ path }: { path: string }) => path),
    ['RUNBOOK.md', 'sealed.tar.gz.age'],
  );
});

test('a backup for which no recipient is named is of version 1, byte for byte as ever', async (t) => {
  const [before, now] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeSmallBackup(await openStore(before));
  await writeSmallBackup(await aSealingStore(now));
  assert.ok(everything(now).equals(everything(before)));
});

test('it is listed without a key, and says who can open it', async (t) => {
  const { root, key } = await aSealedBackup(t);
  const [listed] = await (await aSealingStore(root)).list({});
  assert.equal(listed?.damage, undefined);
  assert.deepEqual(listed?.summary?.sealed, {
    recipients: [{ type: 'x25519', fingerprint: sha256(key.recipient).slice(0, 8) }],
  });
});

test('without a key, and with another one, nothing is read, and the fingerprint is named', async (t) => {
  const { root, key } = await aSealedBackup(t);
  const fingerprint = sha256(key.recipient).slice(0, 8);
  const other = await aKey(t);
  const cases: [string[], RegExp][] = [
    [[], new RegExp(`sealed to ${fingerprint} \\(x25519\\), and no key was given$`)],
    [
      [other.file],
      new RegExp(`sealed to ${fingerprint} \\(x25519\\), and the key that was given is another$`),
    ],
  ];
  for (const [identityFiles, message] of cases) {
    const reader = await (await aSealingStore(root, { identityFiles })).open(SMALL);
    await assert.rejects(readSoundSource(reader, HERE), (error: unknown) => {
      assert.ok(error instanceof SealedBackup);
      assert.match(error.message, message);
      assert.equal(error.exitCode, 1);
      assert.match(spelled(error.next), /--identity FILE/);
      return true;
    });
  }
});

test('either of two recipients opens it: a key can be replaced by another', async (t) => {
  const root = await temporaryFolder(t);
  const [old, young] = [await aKey(t), await anSshKey(t)];
  await writeSmallBackup(await aSealingStore(root, { encryptTo: [old.recipient, young.recipient] }));
  for (const { file } of [old, young]) {
    const reader = await (await aSealingStore(root, { identityFiles: [file] })).open(SMALL);
    await readSoundSource(reader, HERE);
  }
});

test('it is sealed anew to another key from its plain content', async (t) => {
  const { store, location } = await aSealedBackup(t);
  const other = await aKey(t);
  const to = await aSealingStore(await temporaryFolder(t), {
    encryptTo: [other.recipient],
    identityFiles: [other.file],
  });
  const content = await plainContent(await store.open(SMALL));
  await to.save(SMALL, content);
  const [before, after] = [
    await plainContent(await store.open(SMALL)),
    await plainContent(await to.open(SMALL)),
  ];
  assert.deepEqual(after, before);
  const unsealed = await temporaryFolder(t);
  await (await openStore(unsealed)).save(SMALL, content);
  await readSoundSource(await (await openStore(unsealed)).open(SMALL), HERE);
  // What is sealed already is saved as it is: whoever copies it needs no key.
  const asItIs = await aSealingStore(await temporaryFolder(t), { encryptTo: [other.recipient] });
  const reader = await (await openStore(join(location, '../../../..'))).open(SMALL);
  const files = await Promise.all(
    reader.document.files.map(async ({ path }) => ({ path, content: await reader.read(path) })),
  );
  const { digest } = await asItIs.save(SMALL, { files, document: reader.document });
  assert.equal(digest, reader.digest);
});

test('with a passphrase, which is asked for twice to seal and once to open', async (t) => {
  const root = await temporaryFolder(t);
  const asked: string[] = [];
  const typing =
    (...typed: string[]) =>
    async (question: string): Promise<string> => {
      asked.push(question);
      return typed.shift() ?? assert.fail(`asked once more: ${question}`);
    };
  await writeSample(await aSealingStore(root, { encryptPassphrase: true, ask: typing('a b c', 'a b c') }));
  const store = await aSealingStore(root, { ask: typing('a b c') });
  const [reader, again] = [await store.open(ADDRESS), await store.open(ADDRESS)];
  assert.equal(
    (await (await reader.unsealed()).read('helm/values.yaml')).toString(),
    SAMPLE_FILES['helm/values.yaml'],
  );
  await again.unsealed();
  assert.equal(asked.length, 3);
  const wrong = await (await aSealingStore(root, { ask: typing('another') })).open(ADDRESS);
  await assert.rejects(wrong.unsealed(), /sealed to a passphrase, and the key that was given is another/);
  const nobody = await (await aSealingStore(root)).open(ADDRESS);
  await assert.rejects(nobody.unsealed(), /sealed to a passphrase, and no key was given/);
  const twice = await aSealingStore(root, { encryptPassphrase: true, ask: typing('a', 'b') });
  await assert.rejects(sealingBy(twice, 'backup'), /the two passphrases are not the same/);
});

test('a safety backup is sealed as the backup is that was opened, and tried before it is saved', async (t) => {
  const { root, key } = await aSealedBackup(t);
  const sealedSafety = sampleContent(SAMPLE_FILES, sampleDocument({}, { kind: 'safety' }));
  const opener = await aSealingStore(root, { identityFiles: [key.file] });
  await (await opener.open(SMALL)).unsealed();
  const { document } = await opener.save(ADDRESS, sealedSafety);
  assert.equal(document.sealed?.recipients[0]?.fingerprint, sha256(key.recipient).slice(0, 8));
  // Sealed to somebody else, undo could not read it.
  const other = await aKey(t);
  const blind = await aSealingStore(root, { encryptTo: [other.recipient], identityFiles: [key.file] });
  const before = readdirSync(join(root, ADDRESS.cluster), { recursive: true }).length;
  await assert.rejects(blind.save(ADDRESS, sealedSafety), (error: unknown) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /no key at hand opens the safety backup/);
    return true;
  });
  assert.equal(readdirSync(join(root, ADDRESS.cluster), { recursive: true }).length, before);
});

test('no journal is written beside sealed backups, for it is in plain text', async (t) => {
  const { root, key } = await aSealedBackup(t);
  const store = await aSealingStore(root, { identityFiles: [key.file] });
  await (await store.open(SMALL)).unsealed();
  await assert.rejects(
    store.openJournal(SMALL, SMALL.id),
    /takes no journal in plain text beside sealed backups/,
  );
  const state = await aSealingStore(
    await temporaryFolder(t),
    { encryptTo: [key.recipient] },
    { isPrivate: true },
  );
  await state.openJournal(SMALL, SMALL.id);
});

test('the archive of another backup is refused in its place', async (t) => {
  const { root, key, store } = await aSealedBackup(t);
  await writeSmallBackup(store, { id: '20261123T101500Z', megabytes: 128 });
  const at = (id: string): string => join(root, SMALL.cluster, SMALL.namespace, SMALL.release, id);
  cpSync(join(at('20261123T101500Z'), 'sealed.tar.gz.age'), join(at(SMALL.id), 'sealed.tar.gz.age'));
  redigest(at(SMALL.id));
  const reader = await (await aSealingStore(root, { identityFiles: [key.file] })).open(SMALL);
  await assert.rejects(reader.unsealed(), (error: unknown) => {
    assert.ok(error instanceof DamagedBackup);
    assert.match(error.damage, /holds another backup than backup.json says/);
    return true;
  });
});

test('what somebody else sealed to the public key is not believed', async (t) => {
  const { root, key, location } = await aSealedBackup(t);
  const recipients = [parseRecipient(key.recipient)];
  const forgeries: [Uint8Array, RegExp][] = [
    [Buffer.from('nothing'), /not compressed by gzip/],
    [
      await packArchive({ address: SMALL, files: new Map([['x', Buffer.from('y')]]) }, new Date(0)),
      /backup.json is missing/,
    ],
  ];
  for (const [content, why] of forgeries) {
    writeFileSync(join(location, 'sealed.tar.gz.age'), await seal(content, { recipients }));
    redigest(location);
    const reader = await (await aSealingStore(root, { identityFiles: [key.file] })).open(SMALL);
    await assert.rejects(reader.unsealed(), why);
  }
});

test('the runbook opens it with age and tar alone, and the plugin takes what comes out', async (t) => {
  const { ageProgram } = await import('../../../support/age-program.ts');
  const { age } = await ageProgram();
  const { location, key } = await aSealedBackup(t);
  const page = readFileSync(join(location, 'RUNBOOK.md'), 'utf8');
  const [check = '', open = ''] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands);
  const env = {
    ...process.env,
    PATH: `${join(age, '..')}:${process.env.PATH}`,
    TMPDIR: await temporaryFolder(t),
  };
  const run = (commands: string): string =>
    execFileSync('sh', ['-ec', commands.replace('-i KEY', `-i ${key.file}`)], {
      cwd: location,
      env,
      encoding: 'utf8',
    });
  assert.equal(run(check), 'backup.json: OK\n');
  const opened = run(open).trim();
  const reader = await (await openStore(opened)).open(SMALL);
  assert.equal(reader.document.formatVersion, 1);
  await readSoundSource(reader, HERE);
  // The fingerprint is told by the commands of the page.
  assert.match(page, new RegExp(`- ${sha256(key.recipient).slice(0, 8)} \\(x25519\\)`));
});

test('a backup that was moved out of the store is opened by its path', async (t) => {
  const { location, key, root } = await aSealedBackup(t);
  const elsewhere = join(await temporaryFolder(t), SMALL.id);
  renameSync(location, elsewhere);
  const { backupAtPath } = await import('../../../../src/store/find/locate-backup.ts');
  const located = await backupAtPath(elsewhere, () => aSealingStore(root, { identityFiles: [key.file] }));
  await readSoundSource(await located!.open(), HERE);
});

test('a recipient that is none ends it before anything is saved', async (t) => {
  const store = await aSealingStore(await temporaryFolder(t), { encryptTo: ['age1typo'] });
  await assert.rejects(sealingBy(store, 'backup'), UsageError);
});

/** Digests as whoever can write to the store makes them. */
function redigest(folder: string): void {
  const document = JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8'));
  for (const file of document.files) {
    const content = readFileSync(join(folder, file.path));
    Object.assign(file, { size: content.length, sha256: sha256(content) });
  }
  const text = `${JSON.stringify(document, null, 2)}\n`;
  writeFileSync(join(folder, 'backup.json'), text);
  writeFileSync(join(folder, 'backup.json.sha256'), checksumLine(sha256(text), 'backup.json'));
}

test('a command about a sealed backup names the key that was named', async (t) => {
  const { root, key } = await aSealedBackup(t);
  const identityFlags = ['--identity', key.file];
  const named = await (await aSealingStore(root, { identityFiles: [key.file], identityFlags })).open(SMALL);
  assert.deepEqual(named.operand.slice(-2), identityFlags);
  assert.deepEqual((await named.unsealed()).operand.slice(-2), identityFlags);
  const byVariable = await (await aSealingStore(root, { identityFiles: [key.file] })).open(SMALL);
  assert.ok(!byVariable.operand.includes('--identity'));
});
