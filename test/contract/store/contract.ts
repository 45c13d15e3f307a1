import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { DamagedBackup } from '../../../src/store/format/damage.ts';
import type { BackupAddress, BackupReader, ListedBackup, Store } from '../../../src/store/store.ts';
import { DeletionDenied } from '../../../src/store/store-error.ts';
import { storeKind } from '../../../src/store/store-kind.ts';
import { spelled } from '../../unit/spelled.ts';
import {
  ADDRESS,
  SAMPLE_FILES,
  sampleContent,
  sampleDocument,
  writeSample,
} from '../../unit/store/sample-backup.ts';
import type { CutWork, Fault, StoreKind, TestedStore } from './kind.ts';

const EARLIER = { ...ADDRESS, id: '20261121T000000Z' };
const NOTE = {
  at: '2026-11-23T08:00:00.000Z',
  tool: { name: 'memcached-backup', version: '0.1.0' },
  passed: ['structure', 'digests'],
  unchecked: [{ check: 'server', what: 'the objects', why: 'no cluster' }],
} as const;
const note = () => ({ ...NOTE, passed: [...NOTE.passed], unchecked: [...NOTE.unchecked] });

/** What every kind of store promises, on the real thing. */
export function storeContract(kind: StoreKind): void {
  /** Of what lies in a store, however it is reached. */
  const testContent: typeof test | (() => void) = kind.isOtherWay === true ? () => {} : test;
  describe(`a store of the kind ${kind.name}`, { skip: kind.obstacle ?? false }, () => {
    test('gives back what was saved, byte for byte', async (t) => {
      const tested = await kind.make(t);
      const binary = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 251));
      const files = {
        ...SAMPLE_FILES,
        'helm/release.json.gz': binary,
        [`raw/${'x'.repeat(190)}.json`]: '{}',
        empty: '',
      };
      const saved = await (await tested.open()).save(ADDRESS, sampleContent(files));
      assert.deepEqual(saved.address, ADDRESS);
      const reader = await (await tested.open()).open(ADDRESS);
      assert.equal(reader.digest, saved.digest);
      assert.deepEqual(reader.document, saved.document);
      assert.equal(reader.location, saved.location);
      const plain = await reader.unsealed();
      for (const [path, content] of Object.entries(files))
        assert.ok((await plain.read(path)).equals(Buffer.from(content)), path);
      assert.deepEqual(await reader.irregularities(), []);
    });

    test('lists what it holds, as each backup.json says, narrowed by each part of an address', async (t) => {
      const tested = await kind.make(t);
      const store = await tested.open();
      const addresses = [
        ADDRESS,
        { ...ADDRESS, id: '20261123T101500Z' },
        { ...ADDRESS, release: 'other' },
        { ...ADDRESS, namespace: 'shop-2' },
        { ...ADDRESS, cluster: 'ffffffff' },
      ];
      for (const address of addresses) await writeSample(store, address, { durationMs: 7 });
      const listed = await (await tested.open()).list({});
      assert.deepEqual(listed.map(textOf).sort(), addresses.map((address) => addressText(address)).sort());
      for (const { summary, damage, verification } of listed) {
        assert.equal(damage, undefined);
        assert.equal(verification, undefined);
        assert.equal(summary?.durationMs, 7);
        assert.equal(summary?.helm?.chart.version, '1.2.3');
        const isSealed = summary?.sealed !== undefined;
        assert.ok(isSealed || summary?.bytes === Object.values(SAMPLE_FILES).join('').length);
        assert.equal(summary?.cluster.uid, '3f6c2a10-0f5e-4d57-9a3b-5b1d7f6f2a11');
      }
      for (const part of ['cluster', 'namespace', 'release', 'id'] as const) {
        const wanted = addresses.filter((address) => address[part] === ADDRESS[part]);
        const found = await store.list({ [part]: ADDRESS[part] });
        assert.deepEqual(found.map(textOf).sort(), wanted.map(addressText).sort(), part);
      }
      const { namespace, release } = ADDRESS;
      assert.equal((await store.list({ namespace, release })).length, 3);
      assert.deepEqual((await store.list(ADDRESS)).map(textOf), [addressText(ADDRESS)]);
    });

    testContent(
      'shows in a listing also what is long: everything that was skipped, and the drift',
      async (t) => {
        const tested = await kind.make(t);
        const skipped = Array.from({ length: 60 }, (_, at) => ({
          what: `secret/s-${at}-${'é'.repeat(at)}`,
          why: `because ${at * 7919}`,
        }));
        const drift = Array.from(
          { length: 40 },
          (_, at) => `deployment.apps/x: spec.a${at}: ${at * 104729} instead of ${at}`,
        );
        const health = { podsReady: 0, podsWanted: 1, drift };
        await writeSample(await tested.open(), {}, { skipped, health, complete: false });
        const [listed] = await (await tested.open()).list({});
        assert.equal(listed?.damage, undefined);
        assert.deepEqual(listed?.summary?.skipped, skipped);
        assert.deepEqual(listed?.summary?.health, health);
        assert.equal((await (await tested.open()).open(ADDRESS)).document.skipped.length, 60);
      },
    );

    test('says that there is no such backup, and that an empty store is empty', async (t) => {
      const tested = await kind.make(t);
      const store = await tested.open();
      // A folder is made by its first backup.
      assert.deepEqual(await store.list({}).catch(onlyToolError), []);
      await writeSample(store);
      await assert.rejects(store.open({ ...ADDRESS, id: '20200101T000000Z' }), (error) => {
        assert.ok(error instanceof ToolError && !(error instanceof DamagedBackup));
        assert.match(error.message, /^there is no backup .*20200101T000000Z$/);
        assert.match(spelled(error.next), /list cart -n shop/);
        return true;
      });
    });

    testContent('gives an id that is taken a suffix, in the address and in the document', async (t) => {
      const tested = await kind.make(t);
      const ids: string[] = [];
      for (let count = 0; count < 3; count++) ids.push((await writeSample(await tested.open())).id);
      assert.deepEqual(ids, [ADDRESS.id, `${ADDRESS.id}-2`, `${ADDRESS.id}-3`]);
      for (const id of ids)
        assert.equal((await (await tested.open()).open({ ...ADDRESS, id })).document.id, id);
    });

    test('takes several writers in the same second, each with an id of its own', async (t) => {
      const tested = await kind.make(t);
      const stores = await Promise.all(Array.from({ length: 5 }, () => tested.open()));
      const written = await Promise.all(
        stores.map((store, at) => writeSample(store, {}, { durationMs: at })),
      );
      assert.equal(new Set(written.map(({ id }) => id)).size, 5);
      assert.equal((await assertAllWhole(tested)).length, 5);
      for (const [at, address] of written.entries()) {
        const { document } = await (await tested.open()).open(pure(address));
        assert.equal(document.durationMs, at, 'what each was told to have saved is what lies there');
      }
    });

    test('shows a reader nothing of a write before it is whole', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open(), EARLIER);
      const reader = await (await tested.open()).open(EARLIER);
      let isWriting = true;
      const writing = Promise.all([1, 2, 3].map(async () => writeSample(await tested.open()))).finally(() => {
        isWriting = false;
      });
      let rounds = 0;
      for (; isWriting || rounds === 0; rounds++) {
        for (const { damage } of await (await tested.open()).list({})) assert.equal(damage, undefined);
        const plain = await reader.unsealed();
        assert.equal((await plain.read('RUNBOOK.md')).toString(), SAMPLE_FILES['RUNBOOK.md']);
      }
      await writing;
      assert.equal((await assertAllWhole(tested)).length, 4);
    });

    test('notes what verify found, in the listing and the backup, and takes it back', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      await writeSample(await tested.open(), EARLIER);
      const open = async (): Promise<BackupReader> => (await tested.open()).open(ADDRESS);
      const noted = async () =>
        (await (await tested.open()).list({})).map(({ address, verification }) => [
          address.id,
          verification?.at,
        ]);
      await (await open()).noteVerification(undefined);
      await (await open()).noteVerification(note());
      assert.deepEqual(await noted().then(sorted), [
        [EARLIER.id, undefined],
        [ADDRESS.id, NOTE.at],
      ]);
      const [listed] = await (await tested.open()).list(ADDRESS);
      assert.deepEqual(listed?.verification?.unchecked, NOTE.unchecked);
      assert.deepEqual((await (await open()).verification())?.passed, NOTE.passed);
      assert.deepEqual(await (await open()).irregularities(), []);
      const later = '2026-11-24T08:00:00.000Z';
      await (await open()).noteVerification({ ...note(), at: later });
      assert.deepEqual(await noted().then(sorted), [
        [EARLIER.id, undefined],
        [ADDRESS.id, later],
      ]);
      await (await open()).noteVerification(undefined);
      assert.deepEqual(await noted().then(sorted), [
        [EARLIER.id, undefined],
        [ADDRESS.id, undefined],
      ]);
      assert.equal(await (await open()).verification(), undefined);
    });

    test('takes a backup away whole, and nothing of another one', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open(), EARLIER);
      const before = await names(tested);
      await writeSample(await tested.open());
      await (await (await tested.open()).open(ADDRESS)).noteVerification(note());
      await (await tested.open()).remove(ADDRESS);
      assert.deepEqual(
        (await assertAllWhole(tested)).map(({ address }) => address.id),
        [EARLIER.id],
      );
      assert.deepEqual(await names(tested), before);
      // One that is gone counts as removed.
      await (await tested.open()).remove(ADDRESS);
      assert.equal((await writeSample(await tested.open())).id, ADDRESS.id);
    });

    testContent('takes away a damaged backup too', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      for (const piece of await tested.pieces()) await piece.write(Buffer.from('x'));
      await (await tested.open()).remove(ADDRESS);
      assert.deepEqual(await names(tested), []);
    });

    test('says so where nothing may be deleted: a backup stays whole, and verify can take its note back', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      const mend = await tested.break('kept from deletions');
      if (mend === undefined) return t.skip('not of this kind, or not here');
      await assert.rejects((await tested.open()).remove(ADDRESS), (error) => {
        assert.ok(error instanceof DeletionDenied, String(error));
        assert.match(error.message, /can't be removed: permission denied/);
        return true;
      });
      assert.equal((await assertAllWhole(tested)).length, 1);
      const noted = async () => (await (await tested.open()).list(ADDRESS))[0]?.verification?.at;
      const later = '2026-11-24T08:00:00.000Z';
      for (const at of [NOTE.at, later])
        await (await (await tested.open()).open(ADDRESS)).noteVerification({ ...note(), at });
      assert.equal(await noted(), later);
      await (await (await tested.open()).open(ADDRESS)).noteVerification(undefined);
      assert.equal(await noted(), undefined);
      await (await (await tested.open()).open(ADDRESS)).noteVerification(note());
      assert.equal(await noted(), NOTE.at);
      assert.equal((await assertAllWhole(tested)).length, 1);
      await mend();
      await (await tested.open()).remove(ADDRESS);
      assert.deepEqual(await names(tested), []);
    });

    test('breaks off on a signal, and then there is a whole backup or nothing', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open(), EARLIER);
      const outcomes = new Set<string>();
      for (const ms of [0, 2, 5, 10, 20, 40, 5000]) {
        const release = `cart-${ms}`;
        const interruption = new AbortController();
        const reason = new Error('enough');
        const content = sampleContent(SAMPLE_FILES, sampleDocument({ release }));
        const store = await tested.open(interruption.signal);
        const timer = setTimeout(() => interruption.abort(reason), ms);
        const outcome = await store.save({ ...ADDRESS, release }, content, interruption.signal).then(
          () => 'whole',
          (error: unknown) => {
            assert.equal(error, reason);
            return 'nothing';
          },
        );
        clearTimeout(timer);
        outcomes.add(outcome);
        assert.equal((await (await tested.open()).list({ release })).length, outcome === 'whole' ? 1 : 0);
      }
      assert.ok(outcomes.has('whole'));
      await assertAllWhole(tested);
    });

    for (const work of ['save', 'note', 'remove'] as const)
      test(`stays usable wherever ${NAMES[work]} is cut, and what is not whole is never listed as whole`, async (t) => {
        const outcomes: string[] = [];
        const prepared = async (): Promise<TestedStore> => {
          const made = await kind.make(t);
          await writeSample(await made.open(), EARLIER);
          if (work !== 'save') await writeSample(await made.open());
          return made;
        };
        let tested = await prepared();
        const asBefore = await tested.remember?.();
        for (let step = 1; outcomes.at(-1) !== 'beyond'; step++) {
          assert.ok(step < 60, 'it ends');
          if (step > 1 && asBefore !== undefined) await asBefore();
          else if (step > 1) tested = await prepared();
          outcomes.push(await tested.cut(work, step));
          const listed = await assertAllWhole(tested);
          assert.ok(
            listed.some(({ address }) => address.id === EARLIER.id),
            `step ${step}`,
          );
          if (outcomes.at(-1) !== 'cut')
            assert.equal(listed.length, work === 'remove' ? 1 : 2, `step ${step}`);
          if (work === 'remove') await (await tested.open()).remove(ADDRESS);
          const { id } = await writeSample(await tested.open());
          assert.equal((await (await tested.open()).open({ ...ADDRESS, id })).document.id, id);
        }
        assert.ok(outcomes.includes('cut'), outcomes.join());
      });

    testContent('shows a damaged byte wherever it lies', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      await (await (await tested.open()).open(ADDRESS)).noteVerification(note());
      const pieces = await tested.pieces();
      assert.ok(pieces.length > 1);
      for (const piece of pieces) {
        const content = await piece.read();
        for (const at of new Set([0, content.length >> 1, content.length - 1])) {
          const damaged = Buffer.from(content);
          damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
          await piece.write(damaged);
          assert.notEqual(await faultFound(tested), undefined, `byte ${at} of ${piece.name}`);
        }
        await piece.write(content.subarray(0, -1));
        assert.notEqual(await faultFound(tested), undefined, `the end of ${piece.name}`);
        await piece.write(content);
        assert.equal(await faultFound(tested), undefined, piece.name);
      }
    });

    testContent('shows that something is missing, whichever piece it is', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      for (const piece of await tested.pieces()) {
        const content = await piece.read();
        await piece.remove();
        assert.notEqual(await faultFound(tested), undefined, piece.name);
        await piece.write(content);
      }
      assert.equal(await faultFound(tested), undefined);
    });

    for (const fault of ['full', 'read-only', 'refused half way', 'gone'] as const)
      test(`says so where it is ${fault}, and has lost nothing`, async (t) => {
        const tested = await kind.make(t);
        await writeSample(await tested.open(), EARLIER);
        const mend = await tested.break(fault);
        if (mend === undefined) return t.skip('not of this kind, or not here');
        const store = await tested.open();
        await assert.rejects(writeSample(store), (error) => saysSo(error, fault, store));
        if (fault === 'gone') {
          await assert.rejects(store.list({}), (error) => saysSo(error, fault, store));
          await assert.rejects(store.open(EARLIER), (error) => saysSo(error, fault, store));
          await assert.rejects(store.condition(), (error) => saysSo(error, fault, store));
        }
        if (fault === 'read-only') {
          assert.equal((await store.list({})).length, 1, 'it can be read all the same');
          assert.match((await store.condition()).unwritable?.why ?? '', /./);
          const reader = await store.open(EARLIER);
          await assert.rejects(reader.noteVerification(note()), (error) => saysSo(error, fault, store));
        }
        await mend();
        assert.deepEqual(
          (await assertAllWhole(tested)).map(({ address }) => address.id),
          [EARLIER.id],
        );
        await writeSample(await tested.open());
        assert.equal((await assertAllWhole(tested)).length, 2);
      });

    test('works where it is slow', async (t) => {
      const tested = await kind.make(t);
      const mend = await tested.break('slow');
      if (mend === undefined) return t.skip('not of this kind, or not here');
      await writeSample(await tested.open());
      assert.equal((await assertAllWhole(tested)).length, 1);
      await mend();
    });

    test('says how it is doing, and leaves nothing behind for it', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      const before = await names(tested);
      const store = await tested.open();
      const { unwritable, leftovers, exposed, room = { fix: [] } } = await store.condition();
      // The metrics of a run say how full they are; of the others nobody knows.
      if (['folder', 'pvc'].includes(storeKind(store.location)))
        assert.ok(room.capacityBytes! >= room.freeBytes!, JSON.stringify(room));
      assert.deepEqual(
        { unwritable, leftovers, exposed },
        { unwritable: undefined, leftovers: [], exposed: [] },
      );
      assert.deepEqual(await names(tested), before);
      assert.deepEqual(await (await tested.open()).exposed(ADDRESS), []);
    });

    testContent('passes over what others keep in it', async (t) => {
      const tested = await kind.make(t);
      await writeSample(await tested.open());
      const release = [ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release].join('/');
      const foreign = [
        'notes.txt',
        '.hidden/x',
        `${release}/notes.txt`,
        `${release}/latest/backup.json`,
        'a b/c/d/e',
      ];
      for (const name of foreign) await tested.plant(name, Buffer.from('somebody else’s\n'));
      assert.equal((await assertAllWhole(tested)).length, 1);
      assert.deepEqual((await (await tested.open()).condition()).leftovers, []);
      const left = await names(tested);
      await writeSample(await tested.open());
      const after = await names(tested);
      assert.deepEqual(
        left.filter((name) => !after.includes(name)),
        [],
      );
    });

    testContent('never leads out of itself: an address that is no folder is refused', async (t) => {
      const tested = await kind.make(t);
      const store = await tested.open();
      for (const part of [
        { cluster: '..' },
        { namespace: 'a/b' },
        { release: '.x' },
        { id: 'latest' },
        { cluster: '' },
      ])
        await assert.rejects(store.save({ ...ADDRESS, ...part }, sampleContent()));
      assert.deepEqual(await names(tested), []);
    });
  });
}

const NAMES: Record<Exclude<CutWork, 'report'>, string> = {
  save: 'a save',
  note: 'a note of verify',
  remove: 'a removal',
};

/** Every backup that is listed as whole is so to the last byte. */
async function assertAllWhole(tested: TestedStore): Promise<ListedBackup[]> {
  const store = await tested.open();
  const listed = await store.list({});
  for (const { address, damage } of listed) {
    assert.equal(damage, undefined, addressText(address));
    const reader = await store.open(address);
    await readAll(reader);
    assert.deepEqual(await reader.irregularities(), []);
  }
  return listed;
}

/** What lies in the store, and of a sealed backup what lies in its archive. */
async function readAll(reader: BackupReader): Promise<void> {
  for (const { path } of reader.document.files) await reader.read(path);
  const plain = await reader.unsealed();
  if (plain === reader) return;
  for (const { path } of plain.document.files) await plain.read(path);
}

/** What anybody who lists, opens and reads the sample backup is told; undefined: all is well. */
export async function faultFound(tested: Pick<TestedStore, 'open'>): Promise<string | undefined> {
  const store = await tested.open();
  try {
    const [listed] = await store.list(ADDRESS);
    if (listed === undefined) return 'not listed';
    if (listed.damage !== undefined) return listed.damage;
    const reader = await store.open(ADDRESS);
    await readAll(reader);
    const [irregularity] = await reader.irregularities();
    return irregularity?.why;
  } catch (error) {
    return onlyDamage(error);
  }
}

function onlyDamage(error: unknown): string {
  if (!(error instanceof DamagedBackup)) throw error;
  return error.damage;
}

function onlyToolError(error: unknown): never[] {
  assert.ok(error instanceof ToolError);
  return [];
}

function saysSo(error: unknown, fault: Fault, store: Store): boolean {
  assert.ok(error instanceof ToolError, String(error));
  assert.ok(error.message.includes(store.location), error.message);
  assert.match(spelled(error.next), /./);
  assert.equal(error.exitCode, fault === 'full' ? 1 : 4, error.message);
  return true;
}

async function names(tested: TestedStore): Promise<string[]> {
  return (await tested.pieces()).map(({ name }) => name).sort();
}

function textOf({ address }: ListedBackup): string {
  return addressText(address);
}

function addressText({ cluster, namespace, release, id }: BackupAddress): string {
  return [cluster, namespace, release, id].join('/');
}

function pure({ cluster, namespace, release, id }: BackupAddress): BackupAddress {
  return { cluster, namespace, release, id };
}

function sorted<T extends unknown[]>(rows: T[]): T[] {
  return rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
