import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ListingCache, namesIn } from '../../../src/completion/listing-cache.ts';
import { namesOfStore } from '../../../src/completion/names-of-store.ts';
import { rememberListing } from '../../../src/completion/remember-listing.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import type { BackupAddress, Store } from '../../../src/store/store.ts';

const MINUTE = 60_000;
const BUCKET = { location: 's3://b' };
/** None is named for S3. */
const SERVERS = { kubernetes: async () => 'https://10.0.0.1:6443' };
let state: string;
let now: number;
let cache: ListingCache;
const file = (): string =>
  join(
    state,
    'memcached-backup/.completion',
    readdirSync(join(state, 'memcached-backup/.completion'))[0] ?? '',
  );
const address = (release: string, id = '20261128T101500Z'): BackupAddress => ({
  cluster: 'c1',
  namespace: 'shop',
  release,
  id,
});

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'memcached-backup-state-'));
  now = Date.now();
  cache = new ListingCache({ XDG_STATE_HOME: state }, () => now);
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

describe('what was listed in a store far away', () => {
  test('is known for five minutes, to this user alone', async () => {
    assert.equal(await cache.read(BUCKET), undefined);
    await cache.write(BUCKET, [address('beta')]);
    assert.deepEqual((await cache.read(BUCKET))?.addresses, [address('beta')]);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(await cache.locations(), ['s3://b']);
    assert.equal(await cache.read({ location: 's3://other' }), undefined);
    now += 5 * MINUTE + 1;
    assert.equal(await cache.read(BUCKET), undefined);
    assert.deepEqual(await cache.locations(), []);
  });

  test('is replaced as far as it was asked for, and no younger for it', async () => {
    await cache.write(BUCKET, [address('alpha'), address('beta')]);
    now += 4 * MINUTE;
    await cache.write(BUCKET, [address('beta', '20261129T101500Z')], { release: 'beta' });
    const ids = await namesIn((await cache.read(BUCKET))!).ids('backups', {});
    assert.deepEqual(
      ids.map(({ id }) => id),
      ['20261129T101500Z', '20261128T101500Z'],
    );
    now += 2 * MINUTE;
    assert.equal(await cache.read(BUCKET), undefined);
    await cache.write(BUCKET, [address('beta')], { release: 'beta' });
    assert.deepEqual((await cache.read(BUCKET))?.addresses, [address('beta')]);
  });

  test('is checked: what is no name, no listing, too large or a link is nothing', async () => {
    await cache.write(BUCKET, [address('beta')]);
    const good = readFileSync(file(), 'utf8');
    const forged = [
      { cluster: '..', namespace: 'shop', release: 'x', id: '20261128T101500Z' },
      { cluster: 'c1', namespace: 'shop', release: '$(id)', id: '20261128T101500Z' },
      { cluster: 'c1', namespace: 'shop', release: 'x', id: 'latest' },
      'beta',
      null,
    ];
    writeFileSync(file(), JSON.stringify({ ...JSON.parse(good), addresses: [...forged, address('good')] }));
    assert.deepEqual((await cache.read(BUCKET))?.addresses, [address('good')]);
    for (const text of [
      '',
      '[]',
      '{"location":"s3://b"}',
      JSON.stringify({ ...JSON.parse(good), location: 's3://c' }),
      `${good}${' '.repeat(3e6)}`,
    ]) {
      writeFileSync(file(), text);
      assert.equal(await cache.read(BUCKET), undefined, text.slice(0, 80));
    }
    const path = file();
    const elsewhere = join(state, 'elsewhere');
    writeFileSync(elsewhere, good);
    rmSync(path);
    symlinkSync(elsewhere, path);
    assert.equal(await cache.read(BUCKET), undefined);
  });

  test('without a state folder, and where it can not be written, nothing is known and nothing fails', async () => {
    const blocked = join(state, 'file');
    writeFileSync(blocked, '');
    const none = new ListingCache({ XDG_STATE_HOME: blocked });
    await none.write(BUCKET, [address('beta')]);
    assert.equal(await none.read(BUCKET), undefined);
  });

  test('is what a command lists there, by the name that the store calls itself by', async () => {
    const listed = async () => [{ address: address('beta'), location: 'x' }];
    const far = { location: 's3://b/p', list: listed } as unknown as Store;
    const env = { XDG_STATE_HOME: state };
    assert.equal((await rememberListing(far, env, SERVERS).list({})).length, 1);
    const clusters = async (location: string, namespace: string) =>
      (await namesOfStore(location, namespace, SERVERS, env)).clusters();
    for (const location of ['s3://b/p', 's3://b/p/'])
      assert.deepEqual(await clusters(location, 'shop'), ['c1'], location);
    const claim = { location: 'pvc://shop/backups', list: listed } as unknown as Store;
    await rememberListing(claim, env, SERVERS).list({});
    assert.deepEqual(await clusters('pvc://backups', 'shop'), ['c1']);
    assert.deepEqual(await clusters('pvc://backups', 'web'), []);
  });

  test('is another one where a bucket of the same name is on another server', async () => {
    const env = { XDG_STATE_HOME: state };
    const s3 = 'https://minio.example:9000';
    const there = {
      location: 's3://b',
      list: async () => [{ address: address('beta') }],
    } as unknown as Store;
    await rememberListing(there, env, { ...SERVERS, s3 }).list({});
    const clusters = async (of?: string) =>
      (await namesOfStore('s3://b', 'shop', { ...SERVERS, s3: of }, env)).clusters();
    assert.deepEqual(await clusters(s3), ['c1']);
    assert.deepEqual(await clusters('https://other.example'), []);
    assert.deepEqual(await clusters(), []);
  });

  test('is another one where a claim of the same name is in another cluster', async () => {
    const env = { XDG_STATE_HOME: state };
    const there = {
      location: 'pvc://shop/backups',
      list: async () => [{ address: address('beta') }],
    } as unknown as Store;
    await rememberListing(there, env, SERVERS).list({});
    const clusters = async (kubernetes: () => Promise<string>) =>
      (await namesOfStore('pvc://shop/backups', 'shop', { kubernetes }, env)).clusters();
    assert.deepEqual(await clusters(SERVERS.kubernetes), ['c1']);
    assert.deepEqual(await clusters(async () => 'https://10.0.0.2:6443'), []);
  });

  test('is kept of no folder, which is looked at itself', async () => {
    const store = new FolderStore(join(state, 'store'));
    assert.equal(rememberListing(store, { XDG_STATE_HOME: state }, SERVERS), store);
    assert.ok(!Object.hasOwn(store, 'list'));
  });
});
