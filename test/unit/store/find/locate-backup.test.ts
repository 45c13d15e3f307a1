import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { tool } from '../../../../src/advice/command.ts';
import { ToolError, UnreachableError, UsageError } from '../../../../src/errors/tool-error.ts';
import type { BackupDocument } from '../../../../src/model/records/backup-format.ts';
import {
  type CurrentScope,
  type LocatedBackup,
  locateBackup,
  type WantedBackup,
} from '../../../../src/store/find/locate-backup.ts';
import { DamagedBackup } from '../../../../src/store/format/damage.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, SAMPLE_FILES, sampleDocument, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NEVER: CurrentScope = {
  namespace: () => assert.fail('the namespace in use does not matter here'),
  cluster: () => assert.fail('the cluster in use does not matter here'),
};

const OTHER = { ...sampleDocument().cluster, name: 'other', uid: 'c0ffee00-0000-4000-8000-000000000000' };

function locate(root: string, wanted: Partial<WantedBackup>): Promise<LocatedBackup> {
  return locateBackup(() => openStore(root), { name: undefined, here: NEVER, ...wanted });
}

async function stored(t: TestContext): Promise<{ root: string; folder: string }> {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(await openStore(root));
  return { root, folder: location };
}

for (const name of ['cart', `cart@${ADDRESS.id}`, 'cart@latest', undefined]) {
  test(`${name ?? 'nothing'} names the only backup, and nobody is asked where we are`, async (t) => {
    const { root, folder } = await stored(t);
    const found = await locate(root, { name });
    assert.equal(found.location, folder);
    assert.equal(found.name, `cart@${ADDRESS.id}`);
    assert.deepEqual((await found.open()).address, ADDRESS);
  });
}

test('previous names the one before', async (t) => {
  const { root, folder } = await stored(t);
  await writeSample(await openStore(root), { id: '20261123T000000Z' });
  assert.equal((await locate(root, { name: 'cart@previous' })).location, folder);
});

test('a path names a backup, without any store', async (t) => {
  const { folder } = await stored(t);
  for (const name of [folder, `${folder}/`, `${folder}/backup.json`]) {
    const found = await locateBackup(() => assert.fail('no store is needed'), { name, here: NEVER });
    const reader = await found.open();
    assert.deepEqual(reader.address, ADDRESS);
    assert.equal((await reader.read('RUNBOOK.md')).toString(), SAMPLE_FILES['RUNBOOK.md']);
  }
});

test('a path may be relative, begin with a dot, or be a bare name of a folder', async (t) => {
  const { folder } = await stored(t);
  process.chdir(join(folder, '..'));
  for (const name of ['.', `./${ADDRESS.id}`, ADDRESS.id]) {
    if (name === '.') process.chdir(folder);
    else process.chdir(join(folder, '..'));
    assert.deepEqual((await (await locate('/nowhere', { name })).open()).address, ADDRESS);
  }
});

test('a copy under a name of its own, or behind a link, is what its document says', async (t) => {
  const { root, folder } = await stored(t);
  cpSync(folder, join(root, 'copy'), { recursive: true });
  symlinkSync('copy', join(root, 'link'));
  for (const name of ['copy', 'link']) {
    assert.deepEqual((await (await locate(root, { name: join(root, name) })).open()).address, ADDRESS);
  }
});

test("a folder under another backup's id is refused by its path too", async (t) => {
  const { root, folder } = await stored(t);
  const other = join(folder, '../20200101T000000Z');
  renameSync(folder, other);
  await assert.rejects((await locate(root, { name: other })).open(), (error) => {
    assert.ok(error instanceof DamagedBackup);
    assert.equal(error.damage, `backup.json says it is ${ADDRESS.id}: the folder was renamed`);
    return true;
  });
});

test('a folder that lost its backup.json is a damaged backup', async (t) => {
  const { folder } = await stored(t);
  rmSync(join(folder, 'backup.json'));
  await assert.rejects((await locate('/nowhere', { name: folder })).open(), DamagedBackup);
});

test('a path that leads nowhere, or to no backup, is said so', async (t) => {
  const { root } = await stored(t);
  await assert.rejects(locate(root, { name: `${root}/none` }), /^ToolError: there is no folder .*none$/);
  await assert.rejects(locate(root, { name: root }), /is no backup's folder: it holds no backup.json$/);
});

test('a namespace may stand in front, as -o name prints it', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { namespace: 'dev' });
  for (const name of ['dev/cart', `dev/cart@${ADDRESS.id}`])
    assert.match((await locate(root, { name })).location, /\/dev\/cart\//);
});

test('whoever looks in the wrong namespace is told the right one', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { id: '20261123T000000Z' });
  await writeSample(await openStore(root), { id: '20261124T000000Z', namespace: 'dev' });
  await writeSample(await openStore(root), { id: '20261125T000000Z' }, { kind: 'safety' });
  await assert.rejects(locate(root, { name: 'cart@healthy', namespace: 'default', command: 'show' }), {
    message:
      'there is no backup of cart in namespace default; the store holds 1 in namespace dev and 2 in namespace shop',
    next: tool('show', 'cart@healthy', '-n', 'dev', '--store', root),
  });
  await assert.rejects(locate(root, { name: 'nope', namespace: 'default' }), {
    message: 'there is no backup of nope',
  });
});

test('a name that is almost that of a release is asked about, and any other is not', async (t) => {
  const { root } = await stored(t);
  await assert.rejects(locate(root, { name: 'crat@healthy', namespace: 'shop', command: 'show' }), {
    message: 'there is no backup of crat (did you mean cart?)',
    next: tool('show', 'cart@healthy', '-n', 'shop', '--store', root),
  });
  await assert.rejects(locate(root, { name: 'queue', namespace: 'shop', command: 'show' }), {
    message: 'there is no backup of queue',
  });
});

test('of several namespaces the one in use counts', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { namespace: 'dev' });
  const here = { ...NEVER, namespace: async () => 'dev' };
  assert.match((await locate(root, { name: 'cart', here })).location, /\/dev\/cart\//);
  assert.match((await locate(root, { here })).location, /\/dev\/cart\//);
  assert.match((await locate(root, { name: 'cart', namespace: 'shop' })).location, /\/shop\/cart\//);
});

for (const [what, namespace] of [
  ['can not be told', undefined],
  ['holds none', 'default'],
] as const) {
  test(`several namespaces are named where the one in use ${what}`, async (t) => {
    const { root } = await stored(t);
    await writeSample(await openStore(root), { namespace: 'dev' });
    const here = { ...NEVER, namespace: async () => namespace };
    await assert.rejects(locate(root, { name: 'cart', here }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, 'cart has backups in several namespaces: dev, shop');
      return true;
    });
  });
}

test('of several clusters the one in use counts, and the named one before it', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { cluster: 'other' }, { cluster: OTHER });
  const here = { ...NEVER, cluster: async () => ({ name: 'other' }) };
  assert.match((await locate(root, { name: 'cart', here })).location, /\/other\/shop\//);
  assert.match((await locate(root, { name: 'cart', clusterName: '3f6c2a10' })).location, /\/3f6c2a10\//);
});

test('several folders of one cluster are one choice', async (t) => {
  const { root } = await stored(t);
  const { uid, caDigest } = sampleDocument().cluster;
  const newer = { cluster: 'nightly', id: '20261123T000000Z' };
  const withoutUid = { name: 'nightly', caDigest, serverVersion: 'v1.34.4', context: 'nightly' };
  await writeSample(await openStore(root), newer, { cluster: withoutUid as BackupDocument['cluster'] });
  assert.match((await locate(root, { name: 'cart' })).location, /\/nightly\//, 'nobody has to be asked');
  assert.match((await locate(root, { name: 'cart@previous' })).location, /\/3f6c2a10\//);
  await writeSample(await openStore(root), { cluster: 'other' }, { cluster: OTHER });
  const here = { ...NEVER, cluster: async () => ({ name: '3f6c2a10', identity: { uid, caDigest } }) };
  assert.match((await locate(root, { name: 'cart', here })).location, /\/nightly\//);
  const cluster = { name: '3f6c2a10', identity: { uid, caDigest } };
  const byId = await locate(root, { name: `cart@${newer.id}`, cluster });
  assert.match(byId.location, /\/nightly\//);
});

test('several clusters, none of them in use or none reachable: --cluster-name is asked for', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { cluster: 'other' }, { cluster: OTHER });
  for (const own of [undefined, 'third']) {
    const here = { ...NEVER, cluster: async () => (own === undefined ? undefined : { name: own }) };
    await assert.rejects(locate(root, { name: 'cart', here }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, 'cart has backups of several clusters: 3f6c2a10, other');
      assert.equal(error.next, 'name one: --cluster-name 3f6c2a10');
      return true;
    });
  }
});

test('a folder that somebody named on purpose is another choice, also where its backups are of the same cluster', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { cluster: 'archive' });
  const here = { ...NEVER, cluster: async () => undefined };
  await assert.rejects(
    locate(root, { name: 'cart', here }),
    /cart has backups of several clusters: 3f6c2a10, archive/,
  );
});

test('without a name, several releases are named', async (t) => {
  const { root } = await stored(t);
  await writeSample(await openStore(root), { release: 'search' });
  await assert.rejects(locate(root, { namespace: 'shop' }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(
      error.message,
      'the store holds backups of several releases in namespace shop: cart, search',
    );
    assert.equal(error.next, 'name one: cart');
    return true;
  });
});

test('without a name, an empty store is said so', async (t) => {
  const root = await temporaryFolder(t);
  await assert.rejects(locate(root, {}), (error) => {
    assert.ok(error instanceof ToolError);
    assert.equal(error.message, `the store ${root} holds no backup`);
    return true;
  });
});

test('a store that does not exist can not be reached', async (t) => {
  const root = join(await temporaryFolder(t), 'none');
  for (const name of ['cart', undefined]) await assert.rejects(locate(root, { name }), UnreachableError);
});

test('latest passes over a damaged backup, unless damaged ones are what is looked for', async (t) => {
  const { root, folder } = await stored(t);
  const newer = await writeSample(await openStore(root), { id: '20261123T000000Z' });
  rmSync(join(newer.location, 'settings.json'));
  assert.equal((await locate(root, { name: 'cart' })).location, folder);
  assert.equal((await locate(root, { name: 'cart', damagedToo: true })).location, newer.location);
  await assert.rejects(locate(root, { name: `cart@${newer.id}` }), DamagedBackup);
  assert.equal((await locate(root, { name: `cart@${newer.id}`, damagedToo: true })).location, newer.location);
});

test('a folder of the same name that is no backup does not hide the release', async (t) => {
  const { root, folder } = await stored(t);
  mkdirSync(join(root, 'work/cart'), { recursive: true });
  writeFileSync(join(root, 'work/cart/notes.txt'), '');
  process.chdir(join(root, 'work'));
  assert.equal((await locate(root, { name: 'cart' })).location, folder);
});

describe('advice about a backup that was given by its path', () => {
  test('names no store where it is damaged, for it may lie anywhere', async (t) => {
    const { folder } = await stored(t);
    writeFileSync(join(folder, 'backup.json'), '{}');
    const located = await locateBackup(() => assert.fail('no store is needed'), {
      name: folder,
      here: NEVER,
    });
    await assert.rejects(located.open(), (error) => {
      assert.ok(error instanceof DamagedBackup);
      assert.equal(
        spelled(error.next),
        `see all that is wrong with it: kubectl memcached-backup verify ${folder} --offline`,
      );
      return true;
    });
  });

  test('lists the store in use where there is none at that path', async (t) => {
    const { root } = await stored(t);
    for (const name of ['./nope', root]) {
      await assert.rejects(locate(root, { name }), {
        next: tool('list', '-A', '--store', root),
      });
    }
  });

  test('is of its store where it was found in one', async (t) => {
    const { root, folder } = await stored(t);
    writeFileSync(join(folder, 'backup.json'), '{}');
    const reader = await (await locate(root, { name: `cart@${ADDRESS.id}`, damagedToo: true }))
      .open()
      .catch((e) => e);
    assert.ok(reader instanceof DamagedBackup);
    assert.equal(
      spelled(reader.next),
      `choose another one: kubectl memcached-backup list cart -n shop --store ${root}`,
    );
  });

  test('so is that about a word that is no id', async (t) => {
    const { root } = await stored(t);
    await assert.rejects(locate(root, { name: 'cart@tomorrow' }), {
      next: tool('list', 'cart', '--store', root),
    });
  });
});
