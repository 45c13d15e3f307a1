import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Damage } from '../../../src/store/format/damage.ts';
import type { ReleaseFiles } from '../../../src/store/release-files.ts';
import type { Store } from '../../../src/store/store.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { EARLIER, LATER, REPORT } from './cut-work.ts';
import type { StoreKind, TestedStore } from './kind.ts';

const RELEASE = { cluster: ADDRESS.cluster, namespace: ADDRESS.namespace, release: ADDRESS.release };
const PATH = 'drills/20261123T000000Z.json';

/** What every kind of store promises of the files beside a release's backups, on the real thing. */
export function releaseFilesContract(kind: StoreKind, { takesSnapshots = true } = {}): void {
  describe(`files beside the backups in a store of the kind ${kind.name}`, {
    skip: kind.obstacle ?? false,
  }, () => {
    test('are given back byte for byte, replaced, listed in order, and removed', async (t) => {
      const tested = await kind.make(t);
      const open = async (): Promise<ReleaseFiles> => filesOf(await tested.open());
      const binary = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 251));
      // A listing of a store that was never made has nothing to show either.
      assert.deepEqual(await (await open()).list('drills'), []);
      await (await open()).write(PATH, Buffer.from('{"first":true}'));
      await (await open()).write(PATH, binary);
      await (await open()).write('drills/20261022T000000Z.json', Buffer.from('{}'));
      assert.ok((await (await open()).read(PATH, binary.length))?.equals(binary));
      assert.deepEqual(await (await open()).list('drills'), [
        { path: 'drills/20261022T000000Z.json', bytes: 2 },
        { path: PATH, bytes: binary.length },
      ]);
      await assert.rejects((await open()).read(PATH, binary.length - 1), Damage);
      assert.equal(await (await open()).read('drills/20250101T000000Z.json', 10), undefined);
      await (await open()).remove(PATH);
      await (await open()).remove(PATH);
      assert.equal(await (await open()).read(PATH, binary.length), undefined);
      assert.deepEqual(await (await open()).list('snapshots'), []);
    });

    test('belong to one release, and make no backup, nor one unsound', async (t) => {
      const tested = await kind.make(t);
      const store = await tested.open();
      await filesOf(store).write(PATH, Buffer.from('{}'));
      assert.deepEqual(await store.list({}), []);
      await writeSample(store);
      await filesOf(store).write('drills/20261124T000000Z.json', Buffer.from('{}'));
      await writeSample(store, { id: '20261125T000000Z' });
      const again = await tested.open();
      const listed = await again.list({});
      assert.deepEqual(listed.map(({ address, damage }) => [address.id, damage]).sort(), [
        [ADDRESS.id, undefined],
        ['20261125T000000Z', undefined],
      ]);
      for (const { address } of listed)
        assert.deepEqual(await (await again.open(address)).irregularities(), [], address.id);
      assert.equal((await filesOf(again).list('drills')).length, 2);
      for (const other of [{ release: 'other' }, { namespace: 'other' }, { cluster: 'ffffffff' }])
        assert.deepEqual(await again.releaseFiles({ ...RELEASE, ...other })?.list('drills'), []);
      assert.deepEqual((await again.condition()).leftovers, []);
      for (const { address } of listed) await again.remove(address);
      assert.deepEqual(await again.list({}), []);
      assert.equal((await filesOf(await tested.open()).list('drills')).length, 2);
    });

    test('are the old one or the new one, whole, wherever a write is cut, and the next write gets through', async (t) => {
      const outcomes: string[] = [];
      const prepared = async (): Promise<TestedStore> => {
        const made = await kind.make(t);
        await writeSample(await made.open());
        await filesOf(await made.open()).write(REPORT, EARLIER);
        return made;
      };
      let tested = await prepared();
      const asBefore = await tested.remember?.();
      for (let step = 1; outcomes.at(-1) !== 'beyond'; step++) {
        assert.ok(step < 60, 'it ends');
        if (step > 1 && asBefore !== undefined) await asBefore();
        else if (step > 1) tested = await prepared();
        outcomes.push(await tested.cut('report', step));
        const files = filesOf(await tested.open());
        const found = (await files.read(REPORT, LATER.length)) ?? Buffer.alloc(0);
        assert.ok(found.equals(EARLIER) || found.equals(LATER), `step ${step}: ${found.length} bytes`);
        if (outcomes.at(-1) !== 'cut') assert.ok(found.equals(LATER), `step ${step}`);
        assert.deepEqual(await files.list('drills'), [{ path: REPORT, bytes: found.length }]);
        await files.write(REPORT, LATER);
        assert.ok((await files.read(REPORT, LATER.length))?.equals(LATER), `step ${step}`);
        assert.deepEqual(
          (await (await tested.open()).list({})).map(({ damage }) => damage),
          [undefined],
        );
      }
      const cuts = outcomes.filter((outcome) => outcome === 'cut').length;
      t.diagnostic(`cut at ${cuts} places`);
      assert.ok(cuts > 1, outcomes.join());
    });

    test('take several writers at once', async (t) => {
      const tested = await kind.make(t);
      const stores = await Promise.all([1, 2, 3, 4].map(() => tested.open()));
      await Promise.all(
        stores.map((store, at) =>
          filesOf(store).write(`drills/2026112${at}T000000Z.json`, Buffer.from(`${at}`)),
        ),
      );
      assert.equal((await filesOf(await tested.open()).list('drills')).length, 4);
    });

    const snapshots = takesSnapshots ? 'hold the pieces of snapshots' : 'hold no snapshots, and say why';
    test(snapshots, async (t) => {
      const files = filesOf(await (await kind.make(t)).open());
      const piece = 'snapshots/20261123T000000Z/0001.age';
      if (!takesSnapshots) {
        await assert.rejects(files.write(piece, Buffer.from('x')), /history/);
        assert.deepEqual(await files.list('snapshots'), []);
        return;
      }
      await files.write(piece, Buffer.from('sealed'));
      await files.write('snapshots/20261123T000000Z/0002.age', Buffer.from('more'));
      assert.deepEqual(await files.list('snapshots'), [
        { path: piece, bytes: 6 },
        { path: 'snapshots/20261123T000000Z/0002.age', bytes: 4 },
      ]);
      assert.equal(String(await files.read(piece, 100)), 'sealed');
    });

    test('have paths of their own: nothing else can be written or read by one', async (t) => {
      const files = filesOf(await (await kind.make(t)).open());
      for (const path of [
        'drills/../x',
        'other/x',
        '20261123T000000Z/backup.json',
        'drills/.x',
        'drills/a/b',
      ])
        for (const attempt of [() => files.write(path, Buffer.from('x')), () => files.read(path, 10)])
          await assert.rejects(async () => attempt(), /is no file beside/, path);
    });
  });
}

function filesOf(store: Store): ReleaseFiles {
  const files = store.releaseFiles(RELEASE);
  assert.ok(files !== undefined, 'this kind of store takes none');
  return files;
}
