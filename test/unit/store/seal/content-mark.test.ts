import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { contentMark, isMarkOf, type MarkedArchive } from '../../../../src/store/seal/content-mark.ts';
import { contentSecret } from '../../../../src/store/seal/content-secret.ts';
import { parseRecipient } from '../../../../src/store/seal/recipient.ts';
import { isUnchangedSince } from '../../../../src/store/seal/same-backup.ts';
import { Signatures } from '../../../../src/store/sign/signatures.ts';
import { anSshKey } from '../../../support/sealed.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, sampleDocument } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SECRET = Buffer.alloc(32, 7);
const ALICE = parseRecipient('age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p');

const MARKED: MarkedArchive = {
  address: ADDRESS,
  content: sampleContent(),
  recipients: [ALICE],
  archive: Buffer.from('sealed'),
};

describe('the mark of what was sealed', () => {
  const mark = contentMark(SECRET, MARKED);
  const isStill = (changed: Partial<MarkedArchive>, secret: Uint8Array = SECRET): boolean =>
    isMarkOf(mark, secret, { ...MARKED, ...changed });
  const of = (files: Record<string, string>, document = sampleDocument()): Partial<MarkedArchive> => ({
    content: sampleContent(files, document),
  });

  test('fits what it was made of, whenever that was taken, in whatever order', () => {
    assert.ok(isStill({}));
    const later = sampleDocument(
      { id: '20261130T000000Z' },
      { startedAt: '2026-11-30T00:00:00Z', durationMs: 1 },
    );
    assert.ok(isStill(of(SAMPLE_FILES, later)));
    assert.ok(isStill(of(Object.fromEntries(Object.entries(SAMPLE_FILES).reverse()))));
    assert.ok(
      isStill({ address: { ...ADDRESS, id: `${ADDRESS.id}-2` } }),
      'a suffix comes after it is sealed',
    );
  });

  test('fits nothing else, and nobody else’s', () => {
    const [first = ''] = Object.keys(SAMPLE_FILES);
    const { [first]: _, ...fewer } = SAMPLE_FILES;
    assert.ok(!isStill(of({ ...SAMPLE_FILES, [first]: 'x' })));
    assert.ok(!isStill(of(fewer)));
    assert.ok(!isStill(of({ ...SAMPLE_FILES, more: '' })));
    assert.ok(!isStill(of({ ...fewer, [`${first}x`]: SAMPLE_FILES[first] ?? '' })));
    assert.ok(!isStill(of(SAMPLE_FILES, sampleDocument({}, { complete: false }))));
    for (const part of ['cluster', 'namespace', 'release'] as const)
      assert.ok(!isStill({ address: { ...ADDRESS, [part]: 'other' } }), part);
    assert.ok(!isStill({ address: { ...ADDRESS, id: '20250101T000000Z' } }));
    assert.ok(!isStill({ archive: Buffer.from('sealeD') }));
    assert.ok(!isStill({ recipients: [] }));
    assert.ok(!isStill({}, Buffer.alloc(32, 8)));
    for (const other of [
      '',
      'x',
      '-',
      mark.slice(0, -1),
      `${mark}0`,
      mark.replace(/.$/, mark.endsWith('0') ? '1' : '0'),
    ])
      assert.ok(!isMarkOf(other, SECRET, MARKED), other);
  });

  test('differs each time: two of the same content do not tell that', () => {
    assert.notEqual(contentMark(SECRET, MARKED), contentMark(SECRET, MARKED));
  });

  test('an archive is another’s only where that says all the same but for the time', () => {
    const earlier = sampleDocument();
    const later = sampleDocument(
      { id: '20261130T000000Z' },
      { startedAt: '2026-11-30T00:00:00Z', durationMs: 1 },
    );
    assert.ok(isUnchangedSince(ADDRESS.id, earlier, later));
    assert.ok(isUnchangedSince(`${ADDRESS.id}-2`, earlier, later));
    assert.ok(!isUnchangedSince('20250101T000000Z', earlier, later));
    assert.ok(!isUnchangedSince(ADDRESS.id, earlier, { ...later, release: 'other' }));
    assert.ok(!isUnchangedSince(ADDRESS.id, earlier, { ...later, objects: [] }));
  });
});

describe('the secret behind it', () => {
  test('comes out of the signing key where there is one, and is the same each time', async (t) => {
    const folder = await temporaryFolder(t);
    const [one, two] = [await anSshKey(t), await anSshKey(t)];
    const of = (signKeyFile: string) => contentSecret(new Signatures({ signKeyFile }), folder);
    assert.deepEqual(await of(one.file), await of(one.file));
    assert.notDeepEqual(await of(one.file), await of(two.file));
    assert.deepEqual(readdirSync(folder), []);
  });

  test('is random and kept in the state folder else, for this user alone', async (t) => {
    const folder = join(await temporaryFolder(t), 'state', 'memcached-backup');
    const secrets = await Promise.all([1, 2, 3].map(() => contentSecret(new Signatures(), folder)));
    assert.equal(secrets[0]?.length, 32);
    for (const secret of secrets) assert.deepEqual(secret, secrets[0]);
    assert.deepEqual(await contentSecret(new Signatures(), folder), secrets[0]);
    assert.deepEqual(readdirSync(folder), ['content-mark.key']);
    const file = join(folder, 'content-mark.key');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(file), Buffer.from(secrets[0] ?? []));
    writeFileSync(file, 'short');
    assert.equal(await contentSecret(new Signatures(), folder), undefined, 'a spoilt one is none');
  });

  test('is none where there is no signing key and nothing can be kept', async (t) => {
    assert.equal(await contentSecret(new Signatures(), undefined), undefined);
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'file'), '');
    chmodSync(join(folder, 'file'), 0o600);
    assert.equal(await contentSecret(new Signatures(), join(folder, 'file', 'state')), undefined);
  });
});
