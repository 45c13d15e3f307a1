import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { BackupDocument } from '../../../src/model/records/backup-format.ts';
import { Keys, NO_KEYS } from '../../../src/store/seal/keys.ts';
import { sealingStore } from '../../../src/store/seal/sealing-store.ts';
import type { BackupReader } from '../../../src/store/store.ts';
import { aKey } from '../../support/sealed.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument } from '../../unit/store/sample-backup.ts';
import { commitWith, makeGitStore, type TestRepository } from './git-kind.ts';

const FOLDER = `clusters/${ADDRESS.cluster}/${ADDRESS.namespace}/${ADDRESS.release}`;
const ARCHIVE = 'sealed.tar.gz.age';
const [LATER, LATEST] = ['20261123T101500Z', '20261124T101500Z'] as const;
const [SECRET, ANOTHER] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];

/** What a backup is of, and how it is saved; what is left out is as of the sample. */
interface Save {
  files?: Record<string, string>;
  document?: Partial<BackupDocument>;
  secret?: Buffer | undefined;
  isForTwo?: boolean;
}

describe('a sealed backup in Git', () => {
  test('keeps the archive in place where nothing changed, and makes no commit', async (t) => {
    const { repository, save, open } = await makeSealed(t);
    await save(ADDRESS.id);
    await save(LATER, { document: { startedAt: '2026-11-23T10:15:00.123Z', durationMs: 7 } });
    await save(LATEST, { document: { startedAt: '2026-11-24T10:15:00.123Z' } });
    assert.equal(commits(repository), 1);
    for (const id of [ADDRESS.id, LATER, LATEST]) {
      const reader = await open(id);
      assert.equal(reader.document.sealed?.since, id === ADDRESS.id ? undefined : ADDRESS.id);
      const plain = await reader.unsealed();
      await assertSample(plain);
      assert.equal(plain.document.id, id);
      assert.equal(plain.document.startedAt, reader.document.startedAt);
    }
  });

  test('keeps it also where the first one got a suffix, because its id was taken', async (t) => {
    const { repository, save, open } = await makeSealed(t);
    await save(ADDRESS.id, { files: { text: 'another' } });
    const { address } = await save(ADDRESS.id);
    await save(LATER);
    assert.equal(commits(repository), 2);
    assert.equal((await open(LATER)).document.sealed?.since, address.id);
    await assertSample(await (await open(LATER)).unsealed());
  });

  for (const [name, second] of [
    ['a file changed', { files: { ...SAMPLE_FILES, 'settings.json': '{}' } }],
    ['a file was added', { files: { ...SAMPLE_FILES, 'raw/x.json': '{}' } }],
    ['backup.json says something else', { document: { complete: false } }],
    ['it is sealed to one more key', { isForTwo: true }],
    ['the secret is another', { secret: ANOTHER }],
    ['there is no secret', { secret: undefined }],
  ] as const)
    test(`is sealed anew where ${name}`, async (t) => {
      const { repository, save, open } = await makeSealed(t);
      await save(ADDRESS.id);
      await save(LATER, second);
      assert.equal(commits(repository), 2);
      const reader = await open(LATER);
      assert.equal(reader.document.sealed?.since, undefined);
      await assertSample(await reader.unsealed());
    });

  test('has no mark where there is no secret, and two that do not tell of the same content where there is', async (t) => {
    const { save, open } = await makeSealed(t);
    const markOf = async (id: string) => (await open(id)).document.sealed?.contentMark;
    await save(ADDRESS.id, { secret: undefined });
    assert.equal(await markOf(ADDRESS.id), undefined);
    await save(LATER);
    await save(LATEST, { files: { text: 'another' } });
    await save('20261125T101500Z');
    const marks = [await markOf(LATER), await markOf('20261125T101500Z')];
    for (const mark of marks) assert.match(mark ?? '', /^[0-9a-f]{32}-[0-9a-f]{64}$/);
    assert.notEqual(marks[0], marks[1]);
  });

  for (const [name, change] of [
    ['put another archive in its place', { archive: Buffer.from('another') }],
    ['said that it is of another day', { since: '20250101T000000Z' }],
    ['named other keys', { recipients: [{ type: 'x25519', fingerprint: '00000000' }] }],
  ] as const)
    test(`believes nothing where somebody ${name}: the next one can be opened`, async (t) => {
      const { repository, save, open } = await makeSealed(t);
      await save(ADDRESS.id);
      forgeInPlace(repository, change);
      await save(LATER);
      const reader = await open(LATER);
      await assertSample(await reader.unsealed());
      assert.notEqual(reader.document.sealed?.recipients[0]?.fingerprint, '00000000');
    });
});

async function assertSample(plain: BackupReader): Promise<void> {
  assert.equal((await plain.read('helm/values.yaml')).toString(), SAMPLE_FILES['helm/values.yaml']);
}

async function makeSealed(t: TestContext) {
  const { tested, repository } = await makeGitStore(t);
  const [key, second] = [await aKey(t), await aKey(t)];
  const store = async (secret: Buffer | undefined, isForTwo = false) => {
    const encryptTo = [key.recipient, ...(isForTwo ? [second.recipient] : [])];
    const keys = new Keys({ ...NO_KEYS, encryptTo, identityFiles: [key.file] });
    return sealingStore(await tested.open(), keys, { contentSecret: async () => secret });
  };
  return {
    repository,
    save: async (id: string, { files = SAMPLE_FILES, document = {}, ...how }: Save = {}) => {
      const content = sampleContent(files, sampleDocument({ id }, document));
      const secret = 'secret' in how ? how.secret : SECRET;
      return (await store(secret, how.isForTwo)).save({ ...ADDRESS, id }, content);
    },
    open: async (id: string) => (await store(SECRET)).open({ ...ADDRESS, id }),
  };
}

function commits({ git }: TestRepository): number {
  return Number(git(['rev-list', '--count', 'main']).toString());
}

/** What somebody who may push can change, digests and all. */
function forgeInPlace(
  repository: TestRepository,
  change: { archive?: Buffer; [member: string]: unknown },
): void {
  const { git } = repository;
  const { archive, ...sealed } = change;
  const document = JSON.parse(git(['cat-file', 'blob', `main:${FOLDER}/backup.json`]).toString());
  Object.assign(document.sealed, sealed);
  const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
  const write = (name: string, content: Buffer): void => {
    const path = `${FOLDER}/${name}`;
    git(['update-ref', 'refs/heads/main', commitWith(repository, 'main', { path, content })]);
  };
  if (archive !== undefined) {
    const entry = document.files.find(({ path }: { path: string }) => path === ARCHIVE);
    Object.assign(entry, { size: archive.length, sha256: sha256(archive) });
    write(ARCHIVE, archive);
  }
  const text = Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
  write('backup.json', text);
  write('backup.json.sha256', Buffer.from(`${sha256(text)}  backup.json\n`));
}
