import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseSelector } from '../../../../src/model/records/backup-selector.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import type { ClusterInUse } from '../../../../src/store/cluster-name.ts';
import { ownBackups, ownFolders, ownJournals } from '../../../../src/store/find/own-backups.ts';
import { selectBackup } from '../../../../src/store/find/select-backup.ts';
import type { ListedBackup } from '../../../../src/store/store.ts';
import { ADDRESS, sampleDocument } from '../sample-backup.ts';

const UID = '3f6c2a10-0f5e-4d57-9a3b-5b1d7f6f2a11';
const CA = 'ab12cd34'.repeat(8);
const HERE: ClusterInUse = { name: '3f6c2a10', identity: { uid: UID, caDigest: CA } };
const ELSEWHERE = { uid: 'c0ffee00-0000-4000-8000-000000000000', caDigest: 'f0'.repeat(32) };

/** A backup in a cluster's folder, by what its summary says of the cluster; damaged without that. */
function listed(
  cluster: string,
  id: string,
  said: { uid?: string; caDigest?: string } | undefined,
): ListedBackup {
  const address = { ...ADDRESS, cluster, id };
  const location = `store/${cluster}/${id}`;
  if (said === undefined) return { address, location, damage: 'backup.json is missing' };
  const document = sampleDocument(address, {
    cluster: { name: cluster, serverVersion: 'v1.34.4', context: 'prod', ...said },
  });
  return { address, location, summary: summaryOf(document) };
}

const ADMINS = listed('3f6c2a10', '20261120T030000Z', { uid: UID, caDigest: CA });
/** Saved by a CronJob that may not read kube-system. */
const NIGHTLY = listed('ab12cd34', '20261125T030000Z', { caDigest: CA });
/** The same, where the store knew the certificate under a name that somebody had given. */
const NAMED = listed('prod', '20261124T030000Z', { caDigest: CA });
/** Given another name on purpose. */
const ON_PURPOSE = listed('archive', '20261126T020000Z', { uid: UID, caDigest: CA });
const FOREIGN = listed('c0ffee00', '20261126T030000Z', ELSEWHERE);
const UNTOLD = listed('mystery', '20261126T030000Z', {});

const locations = (found: ListedBackup[]) => found.map(({ location }) => location);
const chosen = (backups: ListedBackup[], selector: string, cluster = HERE) =>
  selectBackup(backups, parseSelector(selector), { flags: [] }, { cluster }).location;

describe('of this cluster', () => {
  test('is what its summary tells, whatever its folder is called', () => {
    assert.deepEqual(
      locations(ownBackups([ADMINS, NIGHTLY, NAMED, ON_PURPOSE, FOREIGN, UNTOLD], HERE)),
      locations([ADMINS, NIGHTLY, NAMED]),
    );
  });

  test("is an administrator's for whoever has no sight of kube-system", () => {
    const nightly = { name: 'ab12cd34', identity: { uid: undefined, caDigest: CA } };
    assert.deepEqual(ownBackups([ADMINS, NIGHTLY, ON_PURPOSE, FOREIGN], nightly), [ADMINS, NIGHTLY]);
  });

  test('is what lies in its own folder, also where its CA certificate has changed since', () => {
    const before = listed('3f6c2a10', '20261101T030000Z', { caDigest: 'old'.repeat(20) });
    assert.deepEqual(ownBackups([before], HERE), [before]);
  });

  test('is a damaged one in a folder that is known to be its own', () => {
    const nightly = listed('ab12cd34', '20261126T030000Z', undefined);
    const named = listed('prod', '20261126T030000Z', undefined);
    const foreign = listed('c0ffee00', '20261127T030000Z', undefined);
    assert.deepEqual(ownBackups([nightly, named, NAMED, foreign], HERE), [nightly, named, NAMED]);
  });

  test('is the folder alone where the user named it', () => {
    const named = { name: 'prod' };
    assert.deepEqual(ownBackups([ADMINS, NIGHTLY, NAMED], named), [NAMED]);
    assert.deepEqual(ownFolders([ADMINS, NIGHTLY, NAMED], named), ['prod']);
  });
});

test('latest is the newest of this cluster in all of its folders, and previous the one before', () => {
  const all = [FOREIGN, ADMINS, NAMED, NIGHTLY, ON_PURPOSE];
  assert.equal(chosen(all, 'cart'), NIGHTLY.location);
  assert.equal(chosen(all, 'cart@previous'), NAMED.location);
  assert.equal(chosen(all, `cart@${ADMINS.address.id}`), ADMINS.location);
  assert.equal(chosen([FOREIGN, NIGHTLY], 'cart'), NIGHTLY.location, 'also where its own folder is empty');
});

test('of one moment in two folders, the one in the folder that is saved to', () => {
  const twin = listed('3f6c2a10', NIGHTLY.address.id, { uid: UID, caDigest: CA });
  for (const all of [
    [twin, NIGHTLY],
    [NIGHTLY, twin],
  ]) {
    assert.equal(chosen(all, 'cart'), twin.location);
    assert.equal(chosen(all, `cart@${twin.address.id}`), twin.location);
  }
});

test('journals are looked for in every folder of this cluster, and are in order whatever folder they lie in', async () => {
  const folders = ownFolders([NAMED, FOREIGN], HERE);
  assert.deepEqual(folders, ['3f6c2a10', 'prod', 'ab12cd34']);
  const ids: Record<string, string[]> = {
    '3f6c2a10': ['20261120T000000Z', '20261122T000000Z'],
    ab12cd34: ['20261121T000000Z'],
  };
  const found = await ownJournals(
    folders,
    { namespace: 'shop', release: 'cart' },
    async ({ cluster, namespace, release }) => {
      assert.deepEqual([namespace, release], ['shop', 'cart']);
      return (ids[cluster] ?? []).map((id) => ({ id, location: '' }));
    },
  );
  assert.deepEqual(
    found.map(({ address, listed: { id } }) => `${address.cluster} ${id}`),
    ['3f6c2a10 20261120T000000Z', 'ab12cd34 20261121T000000Z', '3f6c2a10 20261122T000000Z'],
  );
});
