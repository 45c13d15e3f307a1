import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderFiles } from '../../../../src/store/folder/folder-files.ts';
import { sha256 } from '../../../../src/store/format/digest.ts';
import { brokenVerification } from '../../../../src/store/format/verification.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import type { BackupReader, Store, VerificationNote } from '../../../../src/store/store.ts';
import { UnwritableStore } from '../../../../src/store/store-error.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOTE: VerificationNote = {
  at: '2026-11-23T00:00:00.000Z',
  tool: { name: 'memcached-backup', version: '0.1.0' },
  passed: ['files', 'objects'],
  unchecked: [{ check: 'render', what: 'memcached-1.2.3', why: 'there is no helm' }],
};

async function stored(t: TestContext): Promise<{ store: Store; folder: string; reader: BackupReader }> {
  const store = await openStore(await temporaryFolder(t));
  const { location } = await writeSample(store);
  return { store, folder: location, reader: await store.open(ADDRESS) };
}

test('a verification is noted beside the backup, readable by the owner alone, and listed', async (t) => {
  const { store, folder, reader } = await stored(t);
  assert.equal(await reader.verification(), undefined);
  await reader.noteVerification(NOTE);
  const noted = await reader.verification();
  assert.deepEqual(noted, {
    formatVersion: 1,
    backup: sha256(readFileSync(join(folder, 'backup.json'))),
    ...NOTE,
    digest: noted?.digest,
  });
  assert.equal(statSync(join(folder, 'verified.json')).mode & 0o777, 0o600);
  assert.deepEqual(
    (await store.list({})).map(({ verification }) => verification),
    [noted],
  );
  assert.deepEqual(await reader.irregularities(), []);
});

test('a later verification takes the place of an earlier one, and leaves no other file', async (t) => {
  const { folder, reader } = await stored(t);
  const before = readdirSync(folder).length;
  await reader.noteVerification(NOTE);
  await reader.noteVerification({ ...NOTE, at: '2026-11-24T00:00:00.000Z' });
  assert.equal((await reader.verification())?.at, '2026-11-24T00:00:00.000Z');
  assert.equal(readdirSync(folder).length, before + 1);
});

test('a verification that failed takes the note away', async (t) => {
  const { folder, reader } = await stored(t);
  await reader.noteVerification(NOTE);
  await reader.noteVerification(undefined);
  assert.equal(await reader.verification(), undefined);
  assert.ok(!readdirSync(folder).includes('verified.json'));
  await reader.noteVerification(undefined);
});

test("another backup's verified.json says nothing", async (t) => {
  const { store, folder, reader } = await stored(t);
  const other = await writeSample(store, { id: '20261123T000000Z' });
  await (await store.open(other)).noteVerification(NOTE);
  writeFileSync(join(folder, 'verified.json'), readFileSync(join(other.location, 'verified.json')));
  assert.equal(await reader.verification(), undefined);
});

test('a verified.json with any byte changed, or cut off anywhere, says nothing and is irregular', async (t) => {
  const { store, folder, reader } = await stored(t);
  await reader.noteVerification(NOTE);
  const path = join(folder, 'verified.json');
  const whole = readFileSync(path);
  const spoiled = [...whole.keys()].flatMap((at) => {
    const flipped = Buffer.from(whole);
    flipped[at] = whole[at]! ^ 1;
    return [flipped, whole.subarray(0, at)];
  });
  for (const content of spoiled) {
    writeFileSync(path, content);
    assert.equal(await reader.verification(), undefined, content.toString());
    assert.notEqual(await brokenVerification(new FolderFiles(folder, folder)), undefined, content.toString());
  }
  assert.deepEqual(
    (await reader.irregularities()).map(({ path: name }) => name),
    ['verified.json'],
  );
  const [listed] = await store.list({});
  assert.equal(listed?.damage, undefined, 'the backup itself is no worse for it');
});

test('a verified.json that is a link is not followed', async (t) => {
  const { folder, reader } = await stored(t);
  await reader.noteVerification(NOTE);
  const elsewhere = join(await temporaryFolder(t), 'verified.json');
  writeFileSync(elsewhere, readFileSync(join(folder, 'verified.json')));
  rmSync(join(folder, 'verified.json'));
  symlinkSync(elsewhere, join(folder, 'verified.json'));
  assert.equal(await reader.verification(), undefined);
  const found = await reader.irregularities();
  assert.deepEqual(found, [{ path: 'verified.json', why: 'verified.json is a symbolic link or behind one' }]);
});

test('a backup that can not be written to is said so, and keeps the note it had', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  const { folder, reader } = await stored(t);
  await reader.noteVerification(NOTE);
  chmodSync(folder, 0o500);
  t.after(() => chmodSync(folder, 0o700));
  await assert.rejects(reader.noteVerification({ ...NOTE, passed: [] }), UnwritableStore);
  assert.deepEqual((await reader.verification())?.passed, NOTE.passed);
});

test('what a killed verify left is passed over', async (t) => {
  const { folder, reader } = await stored(t);
  writeFileSync(join(folder, '.verified.json.0123abcd'), '{');
  assert.deepEqual(await reader.irregularities(), []);
});

test('files that backup.json does not name are irregular, wherever and whatever they are', async (t) => {
  const { folder, reader } = await stored(t);
  mkdirSync(join(folder, 'extra/deep'), { recursive: true });
  writeFileSync(join(folder, 'extra/deep/x'), '');
  writeFileSync(join(folder, '.hidden'), '');
  writeFileSync(join(folder, 'raw/one-more.json'), '{}');
  symlinkSync('/etc', join(folder, 'etc'));
  mkdirSync(join(folder, 'empty'));
  assert.deepEqual(
    (await reader.irregularities()).map(({ path, why }) => `${path}: ${why}`),
    ['.hidden', 'etc', 'extra/deep/x', 'raw/one-more.json'].map(
      (path) => `${path}: backup.json does not name it`,
    ),
  );
});

for (const [what, edit] of [
  ['lost its newline', (line: string) => line.trimEnd()],
  ['got a carriage return', (line: string) => line.replace('\n', '\r\n')],
  ['became binary mode', (line: string) => line.replace('  ', ' *')],
] as const) {
  test(`a checksum line that ${what} is readable, and irregular`, async (t) => {
    const { store, folder } = await stored(t);
    const path = join(folder, 'backup.json.sha256');
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
    const found = await (await store.open(ADDRESS)).irregularities();
    assert.deepEqual(
      found.map(({ path: name }) => name),
      ['backup.json.sha256'],
    );
  });
}
