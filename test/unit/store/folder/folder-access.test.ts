import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { shell } from '../../../../src/advice/command.ts';
import { whoElseWrites } from '../../../../src/store/folder/folder-access.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const FOLDER = 0o40000;

describe('who else writes in a folder', () => {
  test('is told by its mode and owner; root may everywhere', () => {
    const cases: [uid: number, mode: number, found: string | undefined][] = [
      [1000, 0o700, undefined],
      [1000, 0o755, undefined],
      [0, 0o755, undefined],
      [1000, 0o777, 'its mode 0777 lets everybody write'],
      [1000, 0o702, 'its mode 0702 lets everybody write'],
      [1000, 0o775, 'its mode 0775 lets its group write'],
      [0, 0o2770, 'its mode 2770 lets its group write'],
      [0, 0o1777, undefined],
      [1001, 0o700, 'it belongs to another user (uid 1001)'],
      [1001, 0o1777, 'it belongs to another user (uid 1001)'],
    ];
    for (const [uid, mode, found] of cases) {
      assert.equal(whoElseWrites({ uid, mode: FOLDER | mode }, 1000), found, `${uid} ${mode.toString(8)}`);
    }
    assert.equal(whoElseWrites({ uid: 1001, mode: FOLDER | 0o777 }, undefined), undefined);
  });

  test('is told of the store and each folder in it', async (t) => {
    const root = await temporaryFolder(t);
    const store = new FolderStore(root);
    const { location } = await writeSample(store);
    assert.deepEqual(await store.exposed(ADDRESS), []);
    assert.deepEqual((await store.condition()).exposed, []);
    chmodSync(root, 0o777);
    chmodSync(dirname(location), 0o770);
    const exposed = [
      { location: root, why: 'its mode 0777 lets everybody write', fix: shell('chmod', 'go-w', root) },
      {
        location: dirname(location),
        why: 'its mode 0770 lets its group write',
        fix: shell('chmod', 'go-w', dirname(location)),
      },
    ];
    assert.deepEqual(await store.exposed(ADDRESS), exposed);
    assert.deepEqual((await store.condition()).exposed, exposed);
    assert.deepEqual(await new FolderStore(join(root, 'none')).exposed(ADDRESS), []);
  });
});
