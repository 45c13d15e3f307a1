import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { BackupDocument } from '../../src/model/records/backup-format.ts';
import { backupId } from '../../src/model/records/backup-id.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { S3_KEYS, startVersitygw } from '../support/s3/versitygw.ts';
import { aKey, anSshKey } from '../support/sealed.ts';
import { forgeDocument } from '../support/small-backup.ts';
import { BINARY } from './support/cli.ts';
import { aCart } from './support/fixtures/a-cart.ts';
import { expectCode } from './support/process.ts';
import { asRestrictedUser, READ_EVERYTHING, without } from './support/restricted-user.ts';
import { backupsIn, newestBackup, type StoredBackup } from './support/store-files.ts';
import { converse } from './support/terminal.ts';

const cluster = await ensureCluster();
const cart = await aCart(cluster);
after(() => cart[Symbol.asyncDispose]());
const { cli, kubectl } = cart;
cart.secrets.push(S3_KEYS.secretAccessKey);
Object.assign(cli.env, {
  AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
});

/** A folder of its own for each test, beside the one that the environment names. */
function aStore(name: string): string {
  return join(cli.store, '..', name);
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A copy of a backup as it would have been taken then, beside it. */
function takenThen({ folder }: StoredBackup, ago: number, change: Partial<BackupDocument> = {}): string {
  const then = new Date(Date.now() - ago);
  const id = backupId(then);
  const release = change.release ?? 'cart';
  const copy = join(folder, '../..', release, id);
  cpSync(folder, copy, { recursive: true });
  forgeDocument(copy, (document) =>
    Object.assign(document, { id, startedAt: then.toISOString(), release }, change),
  );
  return id;
}

/** The ids of a release in a store, the newest first, as `list` has them. */
async function idsIn(store: string, release = 'cart'): Promise<string[]> {
  const names = await cli.ok('list', release, '--store', store, '-o', 'name');
  return names
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('@')[1]!);
}

/** What the release says of itself, which `drift` changes. */
const tier = () => kubectl.objects.field('deployment/cart', '.spec.template.spec.containers[0].env');
const drift = (to: string) => kubectl.ok('set', 'env', 'deployment/cart', `TIER=${to}`);

describe('backups age out, travel and are vouched for', () => {
  test('prune takes away what no rule keeps, after saying so, and never the last good ones', async () => {
    const store = aStore('pruned');
    const inStore = ['--store', store];
    await cli.ok('backup', 'cart', ...inStore);
    const newest = newestBackup(store);
    const good = [2, 40, 50, 60].map((days) => takenThen(newest, days * DAY));
    const incomplete = takenThen(newest, -60_000, { complete: false });
    const oldSafety = takenThen(newest, 8 * DAY, { kind: 'safety' });
    const youngSafety = takenThen(newest, HOUR, { kind: 'safety' });
    const gone = [1, 90, 100].map((days) => takenThen(newest, days * DAY, { release: 'ghost' }));
    const verified = good[2]!;
    await cli.ok('verify', `cart@${verified}`, '--offline', ...inStore);
    const all = (await idsIn(store)).length;
    const rules = ['--keep-last', '2', '--keep-min', '1', ...inStore];

    const unasked = expectCode(await cli.run('prune', ...rules), 2);
    assert.match(unasked.stderr, /--yes/);
    const planned = await cli.json(['prune', ...rules, '--dry-run']);
    const would = (planned.items as { id: string; outcome: string }[])
      .filter(({ outcome }) => outcome === 'would-remove')
      .map(({ id }) => id);
    assert.deepEqual(would.sort(), [good[1]!, good[3]!, oldSafety].sort());
    {
      using terminal = converse(BINARY, ['prune', ...rules, '-n', cart.namespace], cli.env);
      await terminal.shows(/\[y\/N\]/);
      terminal.answer('n');
      const { shown, code } = await terminal.ended();
      assert.match(shown, new RegExp(`${good[3]} .* remove +no rule keeps it`));
      assert.equal(code, 130);
    }
    assert.equal((await idsIn(store)).length, all, 'none took anything away');

    const { stdout, stderr } = expectCode(await cli.run('prune', ...rules, '--yes'));
    assert.match(stdout, new RegExp(`ghost +${gone[2]} .* keep +.*(gone|no longer|not there)`));
    assert.match(stderr, /Removed 3 of \d+ backups/);
    const left = [incomplete, newest.document.id, youngSafety, good[0]!, verified];
    assert.deepEqual(await idsIn(store), left.sort().reverse());
    assert.deepEqual(await idsIn(store, 'ghost'), gone);
    await cli.ok('verify', `cart@${newest.document.id}`, '--offline', ...inStore);

    await cli.ok(
      'prune',
      'ghost',
      '--include-gone',
      '--keep-last',
      '1',
      '--keep-min',
      '1',
      '--yes',
      ...inStore,
    );
    assert.deepEqual(await idsIn(store, 'ghost'), [gone[0]]);
  });

  test('backup --keep prunes after a complete backup, and after no other', async () => {
    const store = aStore('kept');
    const rules = ['--keep-last', '1', '--keep-min', '1', '--store', store];
    await cli.ok('backup', 'cart', '--store', store);
    const old = takenThen(newestBackup(store), 40 * DAY);
    using blind = await asRestrictedUser(
      cluster,
      cart,
      'half-blind',
      without(READ_EVERYTHING, 'services', 'list', 'get'),
    );
    expectCode(await blind.run('backup', 'cart', ...rules), 5);
    assert.ok((await idsIn(store)).includes(old), 'an incomplete backup takes nothing away');
    const { stderr } = expectCode(await cli.run('backup', 'cart', ...rules));
    assert.match(stderr, /cart: removed \d+ older backups/);
    const { id } = newestBackup(store).document;
    assert.ok((await idsIn(store)).includes(id));
    assert.ok(!(await idsIn(store)).includes(old));
  });

  test('copy takes a folder to S3 and on, sealed, and passes over what is there', async (t) => {
    const gateway = await startVersitygw();
    t.after(() => gateway.stop());
    gateway.makeBucket('copies');
    const key = await aKey(t);
    const store = aStore('copied');
    await cli.ok('backup', 'cart', '--store', store);
    const newest = newestBackup(store);
    const { id } = newest.document;
    const old = takenThen(newest, 40 * DAY);
    const s3 = ['--store', 's3://copies/team', '--s3-endpoint', gateway.endpoint];
    const toS3 = [
      'copy',
      '--all',
      '--store',
      store,
      '--to',
      's3://copies/team',
      '--to-s3-endpoint',
      gateway.endpoint,
    ];
    assert.match(expectCode(await cli.run(...toS3)).stderr, /Copied 2 of 2 backups .*; 0 were there/);
    assert.match(expectCode(await cli.run(...toS3)).stderr, /Copied 0 of 2 backups .*; 2 were there/);
    await cli.ok('verify', `cart@${id}`, '--offline', ...s3);

    const back = aStore('copied-back');
    await cli.ok('copy', `cart@${id}`, ...s3, '--to', back);
    for (const path of readdirSync(newest.folder, { recursive: true, encoding: 'utf8' })) {
      const copy = join(newestBackup(back).folder, path);
      if (/\.\w+$/.test(path))
        assert.deepEqual(readFileSync(copy), readFileSync(join(newest.folder, path)), path);
    }

    const sealed = aStore('copied-sealed');
    const seal = ['copy', '--all', ...s3, '--to', sealed, '--encrypt-to', key.recipient];
    assert.match(expectCode(await cli.run(...seal)).stderr, /Copied 2 of 2/);
    assert.match(expectCode(await cli.run(...seal)).stderr, /Copied 0 of 2 .*; 2 were there/);
    assert.deepEqual(await idsIn(sealed), [id, old]);
    const files = readdirSync(newestBackup(sealed).folder).sort();
    assert.deepEqual(files, ['RUNBOOK.md', 'backup.json', 'backup.json.sha256', 'sealed.tar.gz.age']);
    const before = await tier();
    await drift('copied');
    expectCode(await cli.run('restore', `cart@${id}`, '--yes', '--store', sealed), 1);
    await cli.ok('restore', `cart@${id}`, '--yes', '--store', sealed, '--identity', key.file);
    assert.deepEqual(await tier(), before);
  });

  test('export makes one file, the same each time, which shows, verifies and restores', async () => {
    const store = aStore('exported');
    await cli.ok('backup', 'cart', '--store', store);
    const [one, two] = [aStore('one.tar.gz'), aStore('two.tar.gz')];
    for (const file of [one, two]) await cli.ok('export', 'cart', file, '--store', store);
    assert.deepEqual(readFileSync(two), readFileSync(one));
    expectCode(await cli.run('export', 'cart', one, '--store', store), 2);
    const { id } = newestBackup(store).document;
    assert.match(await cli.ok('show', 'cart', '--store', one), new RegExp(`cart@${id}`));
    await cli.ok('verify', 'cart', '--offline', '--store', one);
    const before = await tier();
    await drift('exported');
    const changed = await tier();
    await cli.ok('restore', 'cart', '--yes', '--store', one);
    assert.deepEqual(await tier(), before);
    await cli.ok('undo', 'cart', '--yes', '--store', one);
    assert.deepEqual(await tier(), changed);
    await cli.ok('restore', 'cart', '--yes', '--store', one);
    const unpacked = aStore('unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['xzf', one, '-C', unpacked]);
    assert.deepEqual(await idsIn(unpacked), [id]);
  });

  test('who signed a backup is said, and what nobody trusted signed is not restored', async (t) => {
    const [key, other] = [await anSshKey(t), await anSshKey(t)];
    const trust = aStore('allowed_signers');
    const line = ({ recipient }: typeof key, who: string) =>
      `${who} namespaces="memcached-backup@backup.json" ${recipient}\n`;
    writeFileSync(trust, line(key, 'nightly@prod'));
    const store = aStore('signed');
    const trusting = ['--store', store, '--trust', trust];
    await cli.ok('backup', 'cart', '--store', store, '--sign-key', key.file);
    const signed = newestBackup(store);
    execFileSync(
      'ssh-keygen',
      [
        '-Y',
        'verify',
        '-f',
        trust,
        '-I',
        'nightly@prod',
        '-n',
        'memcached-backup@backup.json',
        '-s',
        join(signed.folder, 'backup.json.sig'),
      ],
      { input: readFileSync(join(signed.folder, 'backup.json')) },
    );
    assert.match(await cli.ok('list', '-o', 'wide', ...trusting), /nightly@prod/);
    assert.match(await cli.ok('show', 'cart', ...trusting), /Signed: +.*nightly@prod/);
    await cli.ok('verify', 'cart', '--offline', ...trusting);
    const before = await tier();
    await drift('signed');
    const changed = await tier();
    await cli.ok('restore', 'cart', '--yes', ...trusting);
    assert.deepEqual(await tier(), before);
    await drift('signed');

    const forged = takenThen(signed, 2 * DAY);
    const unsigned = aStore('unsigned');
    await cli.ok('backup', 'cart', '--store', unsigned);
    const byOther = aStore('by-other');
    await cli.ok('backup', 'cart', '--store', byOther, '--sign-key', other.file);
    const refused: [string, string][] = [
      [store, `cart@${forged}`],
      [unsigned, 'cart'],
      [byOther, 'cart'],
    ];
    for (const [from, backup] of refused) {
      const asked = ['--store', from, '--trust', trust];
      const { stderr } = expectCode(await cli.run('restore', backup, '--yes', ...asked), 1);
      assert.match(stderr, /sign/);
      expectCode(await cli.run('verify', backup, '--offline', ...asked), 1);
      expectCode(await cli.run('copy', backup, '--to', aStore('untrusted'), ...asked), 1);
    }
    assert.deepEqual(await tier(), changed, 'nothing was restored');
    assert.equal(backupsIn(store).filter(({ document }) => document.kind === 'safety').length, 1);
  });
});
