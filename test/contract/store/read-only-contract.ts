import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import { DamagedBackup } from '../../../src/store/format/damage.ts';
import { keepsJournals, type Store } from '../../../src/store/store.ts';
import { DeletionDenied, UnwritableStore } from '../../../src/store/store-error.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent } from '../../unit/store/sample-backup.ts';
import { faultFound } from './contract.ts';
import type { Piece } from './kind.ts';

/** A kind of store that is read alone: something else made it. */
export interface ReadOnlyKind {
  name: string;
  /** One that holds the sample backup, under ADDRESS, in one piece. */
  make(t: TestContext): Promise<{ open(): Promise<Store>; piece: Piece }>;
}

/** What a store that is read alone promises, of what every kind does. */
export function readOnlyContract({ name, make }: ReadOnlyKind): void {
  describe(`a store of the kind ${name}`, () => {
    test('gives back what was saved, byte for byte', async (t) => {
      const { open } = await make(t);
      const reader = await (await open()).open(ADDRESS);
      for (const [path, content] of Object.entries(SAMPLE_FILES))
        assert.equal((await reader.read(path)).toString(), content, path);
      assert.deepEqual(await reader.irregularities(), []);
    });

    test('lists what it holds, narrowed by each part of an address', async (t) => {
      const store = await (await make(t)).open();
      const [listed, ...others] = await store.list({});
      assert.deepEqual(others, []);
      assert.deepEqual(listed?.address, ADDRESS);
      assert.equal(listed.damage, undefined);
      assert.equal(listed.summary?.bytes, Object.values(SAMPLE_FILES).join('').length);
      for (const part of ['cluster', 'namespace', 'release', 'id'] as const) {
        assert.equal((await store.list({ [part]: ADDRESS[part] })).length, 1, part);
        assert.deepEqual(await store.list({ [part]: `${ADDRESS[part]}1` }), [], part);
      }
    });

    test('says that there is no such backup', async (t) => {
      const store = await (await make(t)).open();
      await assert.rejects(store.open({ ...ADDRESS, id: '20200101T000000Z' }), (error) => {
        assert.ok(error instanceof ToolError && !(error instanceof DamagedBackup));
        assert.match(error.message, /^there is no backup .*20200101T000000Z/);
        return true;
      });
    });

    test('takes nothing, gives nothing away, and says so', async (t) => {
      const { open, piece } = await make(t);
      const store = await open();
      const before = await piece.read();
      await assert.rejects(store.save(ADDRESS, sampleContent()), UnwritableStore);
      await assert.rejects(store.remove(ADDRESS), DeletionDenied);
      await assert.rejects((await store.open(ADDRESS)).noteVerification(undefined), UnwritableStore);
      await store.sweep(ADDRESS);
      assert.ok((await store.condition()).unwritable !== undefined);
      assert.equal(keepsJournals(store), false);
      assert.ok((await piece.read()).equals(before));
    });

    test('shows a damaged byte wherever it lies, or it changes nothing', async (t) => {
      const { open, piece } = await make(t);
      const content = await piece.read();
      let found = 0;
      for (let at = 0; at < content.length; at += 1 + (content.length >> 6)) {
        const damaged = Buffer.from(content);
        damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
        await piece.write(damaged);
        const fault = await faultFound({ open });
        if (fault !== undefined) found++;
        // What stands in the head of the file beside the data: when it was made, on which system.
        else assert.ok(at < 10, `byte ${at}`);
      }
      assert.ok(found > 50, `${found}`);
    });

    test('shows wherever it is cut', async (t) => {
      const { open, piece } = await make(t);
      const content = await piece.read();
      for (const part of [0, 0.1, 0.5, 0.9, 0.999]) {
        await piece.write(content.subarray(0, Math.floor(content.length * part)));
        assert.notEqual(await faultFound({ open }), undefined, `${part}`);
      }
    });

    test('one that is gone can not be read, which is no empty one', async (t) => {
      const { open, piece } = await make(t);
      await piece.remove();
      const store = await open();
      for (const work of [store.list({}), store.open(ADDRESS), store.condition()])
        await assert.rejects(work, (error) => {
          assert.ok(error instanceof UnreachableError, String(error));
          assert.ok(error.message.includes(store.location));
          return true;
        });
    });
  });
}
