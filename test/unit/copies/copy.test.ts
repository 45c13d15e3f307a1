import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type CopyOptions, copy } from '../../../src/commands/copy.ts';
import { InterruptedError, UsageError } from '../../../src/errors/tool-error.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { KeySources } from '../../../src/store/seal/keys.ts';
import { type SignatureSources, Signatures } from '../../../src/store/sign/signatures.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { aKey, anSshKey, aSealingStore } from '../../support/sealed.ts';
import { PASSWORD, SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const IDS = ['20261122T101500Z', '20261123T101500Z', '20261124T101500Z'];

async function run(
  from: string,
  options: Partial<CopyOptions>,
  signal = new AbortController().signal,
  keys: Partial<KeySources> & SignatureSources = {},
): Promise<MemoryIO & { code: number }> {
  const io = createMemoryIO();
  const code = await copy(
    { backups: [], all: false, to: '', dryRun: false, output: 'table', headers: true, ...options },
    {
      io,
      kube: () => assert.fail('no cluster is asked'),
      store: () => aSealingStore(from, keys, { signatures: new Signatures(keys) }),
      stateFolder: async () => undefined,
      now: () => new Date('2026-11-24T12:00:00Z'),
      signal,
      lastWords: new LastWords(),
      spelling: PLAIN_SPELLING,
      version: '0.1.0',
    },
  );
  return Object.assign(io, { code });
}

async function twoStores(t: TestContext): Promise<{ from: string; to: string }> {
  const from = await temporaryFolder(t);
  for (const id of IDS) await writeSmallBackup(new FolderStore(from), { id });
  return { from, to: join(await temporaryFolder(t), 'new') };
}

function fileOf(store: string, id: string, path = 'backup.json'): string {
  return join(store, SMALL.cluster, SMALL.namespace, SMALL.release, id, path);
}

async function idsIn(store: string): Promise<string[]> {
  return (await new FolderStore(store).list({}))
    .map(({ address, damage }) => `${address.id}${damage ?? ''}`)
    .sort();
}

test('every backup arrives byte for byte, without what verify noted, and a second run copies nothing', async (t) => {
  const { from, to } = await twoStores(t);
  const reader = await new FolderStore(from).open({ ...SMALL, id: IDS[0]! });
  await reader.noteVerification({
    at: '2026-11-24T12:00:00Z',
    tool: { name: 'memcached-backup', version: '0.1.0' },
    passed: [],
    unchecked: [],
  });
  const { code, stderr } = await run(from, { all: true, to });
  assert.equal(code, 0);
  assert.match(stderr, /^Copied 3 of 3 backups to .*; 0 were there\.\n$/);
  assert.deepEqual(await idsIn(to), IDS);
  for (const id of IDS) assert.deepEqual(readFileSync(fileOf(to, id)), readFileSync(fileOf(from, id)));
  assert.throws(() => readFileSync(fileOf(to, IDS[0]!, 'verified.json')));
  assert.match((await run(from, { all: true, to })).stderr, /Copied 0 of 3 .*; 3 were there/);
});

test('a name means the newest, and an id that one', async (t) => {
  const { from, to } = await twoStores(t);
  const { stdout } = await run(from, { backups: ['cart', `shop/cart@${IDS[0]}`], to, output: 'name' });
  assert.equal(stdout, `shop/cart@${IDS[2]}\nshop/cart@${IDS[0]}\n`);
  assert.deepEqual(await idsIn(to), [IDS[0], IDS[2]]);
});

test('a damaged one is told and does not keep the others', async (t) => {
  const { from, to } = await twoStores(t);
  writeFileSync(fileOf(from, IDS[1]!, 'settings.json'), '{}');
  const { code, stderr } = await run(from, { all: true, to });
  assert.equal(code, 1);
  assert.match(stderr, /error: the backup .* is damaged: .*settings\.json/);
  assert.deepEqual(await idsIn(to), [IDS[0], IDS[2]]);
});

test('an id that another backup has there is told, and neither is changed', async (t) => {
  const { from, to } = await twoStores(t);
  await writeSmallBackup(new FolderStore(to), { id: IDS[1]!, megabytes: 128 });
  const before = readFileSync(fileOf(to, IDS[1]!));
  const { code, stderr } = await run(from, { all: true, to });
  assert.equal(code, 1);
  assert.match(stderr, /the id of cart@20261123T101500Z is taken by another backup/);
  assert.deepEqual(readFileSync(fileOf(to, IDS[1]!)), before);
  assert.deepEqual(await idsIn(to), IDS);
});

test('a run that was interrupted goes on the next time', async (t) => {
  const { from, to } = await twoStores(t);
  await run(from, { backups: [`cart@${IDS[0]}`], to });
  await assert.rejects(run(from, { all: true, to }, AbortSignal.abort()), InterruptedError);
  assert.deepEqual(await idsIn(to), [IDS[0]]);
  assert.match((await run(from, { all: true, to })).stderr, /Copied 2 of 3 .*; 1 were there/);
});

test('a dry run copies nothing, and -o json says what it would', async (t) => {
  const { from, to } = await twoStores(t);
  const { stdout } = await run(from, { backups: ['cart'], to, dryRun: true, output: 'json' });
  const items = [{ ...SMALL, id: IDS[2], outcome: 'would-copy' }];
  assert.deepEqual(parseDocumented(stdout), envelope('CopyReport', { from, to, dryRun: true, items }));
  await assert.rejects(idsIn(to), /does not exist/);
});

test('backups are named, or all are meant', async (t) => {
  const { from, to } = await twoStores(t);
  await assert.rejects(run(from, { to }), UsageError);
  await assert.rejects(run(from, { to, all: true, backups: ['cart'] }), UsageError);
});

test('a backup that does not arrive as it was sent does not stay', async (t) => {
  const { from, to } = await twoStores(t);
  // Removing what is read on arrival is as close as a folder comes to a store that loses bytes.
  const save = FolderStore.prototype.save;
  t.mock.method(
    FolderStore.prototype,
    'save',
    async function (this: FolderStore, ...args: Parameters<typeof save>) {
      const saved = await save.apply(this, args);
      rmSync(join(saved.location, 'settings.json'));
      return saved;
    },
  );
  const { code, stderr } = await run(from, { backups: ['cart'], to });
  assert.equal(code, 1);
  assert.match(stderr, /was not as it was sent/);
  assert.deepEqual(await idsIn(to), []);
});

const goOn = new AbortController().signal;

test('what is in plain text arrives sealed, and a second run knows it again without a key', async (t) => {
  const { from, to } = await twoStores(t);
  const key = await aKey(t);
  const keys = { encryptTo: [key.recipient] };
  const { code, stderr } = await run(from, { all: true, to, change: 'seal' }, goOn, keys);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Copied 3 of 3/);
  assert.deepEqual(await idsIn(to), IDS);
  const store = await aSealingStore(to, { identityFiles: [key.file] });
  const plain = await new FolderStore(from).open({ ...SMALL, id: IDS[0]! });
  const reader = await (await store.open({ ...SMALL, id: IDS[0]! })).unsealed();
  for (const { path } of plain.document.files)
    assert.ok((await reader.read(path)).equals(await plain.read(path)), path);
  for (const id of IDS) assert.ok(!readFileSync(fileOf(to, id, 'sealed.tar.gz.age')).includes(PASSWORD));
  const again = await run(from, { all: true, to, change: 'seal' }, goOn, keys);
  assert.match(again.stderr, /^Copied 0 of 3 .*; 3 were there/);
});

test('what is sealed arrives sealed to another key, which alone opens it, or in plain text', async (t) => {
  const { from } = await twoStores(t);
  const [old, other] = [await aKey(t), await aKey(t)];
  const [sealed, again, opened] = [
    await temporaryFolder(t),
    await temporaryFolder(t),
    await temporaryFolder(t),
  ];
  await run(from, { all: true, to: sealed, change: 'seal' }, goOn, { encryptTo: [old.recipient] });
  const keys = { encryptTo: [other.recipient], identityFiles: [old.file] };

  const kept = await run(sealed, { all: true, to: again, change: 'seal' }, goOn, {
    encryptTo: [other.recipient],
  });
  assert.equal(kept.code, 1, 'without the old key');
  assert.match(kept.stderr, /can't open the backup .*: it is sealed to .*no key was given/);
  assert.deepEqual(await idsIn(again), []);

  const { code, stderr } = await run(sealed, { all: true, to: again, change: 'seal' }, goOn, keys);
  assert.equal(code, 0, stderr);
  const address = { ...SMALL, id: IDS[1]! };
  const plain = await new FolderStore(from).open(address);
  const byOld = await (await aSealingStore(again, { identityFiles: [old.file] })).open(address);
  await assert.rejects(byOld.unsealed(), /the key that was given is another/);
  const byNew = await (
    await (await aSealingStore(again, { identityFiles: [other.file] })).open(address)
  ).unsealed();
  assert.ok((await byNew.read('settings.json')).equals(await plain.read('settings.json')));
  assert.match(
    (await run(sealed, { all: true, to: again, change: 'seal' }, goOn, keys)).stderr,
    /3 were there/,
  );

  await run(again, { all: true, to: opened, change: 'open' }, goOn, { identityFiles: [other.file] });
  const copy = await new FolderStore(opened).open(address);
  assert.equal(copy.document.sealed, undefined);
  assert.deepEqual(copy.document, plain.document);
  const twice = await run(again, { all: true, to: opened, change: 'open' }, goOn, {
    identityFiles: [other.file],
  });
  assert.match(twice.stderr, /^Copied 0 of 3 .*; 3 were there/);
});

test('an SSH key, or a passphrase that is asked for, seals a copy as it seals a backup', async (t) => {
  const from = await temporaryFolder(t);
  await writeSmallBackup(new FolderStore(from), { id: IDS[0]! });
  const address = { ...SMALL, id: IDS[0]! };
  const key = await anSshKey(t);
  const [toKey, toOne, toOther] = [
    await temporaryFolder(t),
    await temporaryFolder(t),
    await temporaryFolder(t),
  ];
  const copyTo = (to: string, source: string, keys: Partial<KeySources>) =>
    run(source, { all: true, to, change: 'seal' }, goOn, keys);
  const opens = async (store: string, sources: Partial<KeySources>) =>
    (await (await aSealingStore(store, sources)).open(address)).unsealed();

  assert.equal((await copyTo(toKey, from, { encryptTo: [key.recipient] })).code, 0);
  await opens(toKey, { identityFiles: [key.file] });

  const asked: string[] = [];
  const answering = (answers: Record<string, string>) => ({
    encryptPassphrase: true,
    ask: async (question: string) => {
      asked.push(question);
      return answers[question] ?? answers.else!;
    },
  });
  assert.equal((await copyTo(toOne, from, answering({ else: 'one' }))).code, 0);
  await opens(toOne, { ask: async () => 'one' });
  assert.match(
    (await copyTo(toOne, from, answering({ else: 'one' }))).stderr,
    /^Copied 0 of 1 .*; 1 were there/,
  );

  // Whether a passphrase is another one can't be told, so that what one sealed is sealed anew.
  asked.length = 0;
  const anew = await copyTo(toOther, toOne, answering({ 'Passphrase of the backup': 'one', else: 'other' }));
  assert.equal(anew.code, 0, anew.stderr);
  assert.deepEqual(asked, [
    'Passphrase to seal the backup with',
    'The same again',
    'Passphrase of the backup',
  ]);
  await opens(toOther, { ask: async () => 'other' });
  await assert.rejects(opens(toOther, { ask: async () => 'one' }), /the key that was given is another/);

  await assert.rejects(copyTo(await temporaryFolder(t), from, { encryptPassphrase: true }), UsageError);
});

test('one that is there sealed to others is told, and left as it is', async (t) => {
  const { from, to } = await twoStores(t);
  const [one, two] = [await aKey(t), await aKey(t)];
  await run(from, { all: true, to, change: 'seal' }, goOn, { encryptTo: [one.recipient] });
  const before = readFileSync(fileOf(to, IDS[0]!));
  for (const [change, keys] of [
    ['seal', { encryptTo: [two.recipient] }],
    [undefined, {}],
  ] as const) {
    const { code, stderr } = await run(from, { all: true, to, ...(change && { change }) }, goOn, keys);
    assert.equal(code, 1);
    assert.match(stderr, /cart@20261122T101500Z is in \S+ already, sealed to \w+ \(x25519\)/);
  }
  assert.deepEqual(readFileSync(fileOf(to, IDS[0]!)), before);
});

test('an id that another backup has there is told, sealed on the way or not', async (t) => {
  const { from, to } = await twoStores(t);
  const keys = { encryptTo: [(await aKey(t)).recipient] };
  const other = await aSealingStore(to, keys);
  await writeSmallBackup(other, {
    id: IDS[1]!,
    change: (document) => {
      document.durationMs++;
    },
  });
  const before = readFileSync(fileOf(to, IDS[1]!));
  const { code, stderr } = await run(from, { all: true, to, change: 'seal' }, goOn, keys);
  assert.equal(code, 1);
  assert.match(stderr, /the id of cart@20261123T101500Z is taken by another backup/);
  assert.deepEqual(readFileSync(fileOf(to, IDS[1]!)), before);
});

test('sealed to those who are wanted already, it stays byte for byte as it is, signature and all', async (t) => {
  const { from } = await twoStores(t);
  const [key, signer] = [await aKey(t), await anSshKey(t)];
  const [sealed, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  const keys = { encryptTo: [key.recipient], signKeyFile: signer.file };
  await run(from, { backups: ['cart'], to: sealed, change: 'seal' }, goOn, keys);
  const { code, stderr } = await run(sealed, { all: true, to, change: 'seal' }, goOn, {
    encryptTo: [key.recipient],
  });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /not signed/);
  for (const path of ['backup.json', 'backup.json.sig', 'RUNBOOK.md'])
    assert.deepEqual(
      readFileSync(fileOf(to, IDS[2]!, path)),
      readFileSync(fileOf(sealed, IDS[2]!, path)),
      path,
    );
});

test('a signature does not stay on what was changed: it is signed anew, or that is said', async (t) => {
  const from = await temporaryFolder(t);
  const [key, signer] = [await aKey(t), await anSshKey(t)];
  const signed = await aSealingStore(from, {}, { signatures: new Signatures({ signKeyFile: signer.file }) });
  await writeSmallBackup(signed, { id: IDS[0]! });
  const runbookOf = async (store: string, identityFiles: string[] = []) => {
    const reader = await (await aSealingStore(store, { identityFiles })).open({ ...SMALL, id: IDS[0]! });
    return (await (await reader.unsealed()).read('RUNBOOK.md')).toString();
  };
  const mentions = (text: string): number => text.match(/## Who signed this backup/g)?.length ?? 0;
  assert.equal(mentions(await runbookOf(from)), 1);

  const to = await temporaryFolder(t);
  const keys = { encryptTo: [key.recipient] };
  const { code, stderr } = await run(from, { all: true, to, change: 'seal' }, goOn, keys);
  assert.equal(code, 0);
  assert.match(stderr, /1 copy is not signed, as the backup is .*--sign-key FILE/);
  assert.throws(() => readFileSync(fileOf(to, IDS[0]!, 'backup.json.sig')), /ENOENT/);
  assert.equal(
    mentions(await runbookOf(to, [key.file])),
    0,
    'nothing tells of a signature that is not there',
  );

  const anew = await temporaryFolder(t);
  const resigned = await run(from, { all: true, to: anew, change: 'seal' }, goOn, {
    ...keys,
    signKeyFile: signer.file,
  });
  assert.doesNotMatch(resigned.stderr, /not signed/);
  const trustFile = join(await temporaryFolder(t), 'signers');
  writeFileSync(trustFile, `me ${signer.recipient}\n`);
  const store = await aSealingStore(anew);
  const trust = new Signatures({ trustFile });
  await trust.assertTrusted(await store.open({ ...SMALL, id: IDS[0]! }), new Date('2026-11-24T12:00:00Z'));
});

test('what is damaged inside is not copied, sealed to others or not', async (t) => {
  const { from, to } = await twoStores(t);
  writeFileSync(fileOf(from, IDS[1]!, 'settings.json'), '{}');
  const key = await aKey(t);
  const { code, stderr } = await run(from, { all: true, to, change: 'seal' }, goOn, {
    encryptTo: [key.recipient],
  });
  assert.equal(code, 1);
  assert.match(stderr, /is damaged: .*settings\.json/);
  assert.deepEqual(await idsIn(to), [IDS[0], IDS[2]]);
});
