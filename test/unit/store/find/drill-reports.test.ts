import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { DrillReport } from '../../../../src/model/records/drill-report.ts';
import { ArchiveStore } from '../../../../src/store/archive/archive-store.ts';
import { keepDrillReport, lastDrills, ownDrills } from '../../../../src/store/find/drill-reports.ts';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { aDrillReport } from '../../model/records/a-drill-report.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CART = { namespace: 'shop', release: 'cart' };

function drillOf(id: string, fields: Partial<DrillReport> = {}): DrillReport {
  return aDrillReport({ id, cluster: 'aaaaaaaa', ...CART, ...fields });
}

function idOf(day: number): string {
  return new Date(Date.UTC(2026, 0, day)).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

describe('reports of drills in a store', () => {
  test('are read back, the newest first, of one release in all folders of its cluster', async (t) => {
    const store = new FolderStore(await temporaryFolder(t));
    await keepDrillReport(store, drillOf(idOf(3)));
    await keepDrillReport(store, drillOf(idOf(1), { cluster: 'bbbbbbbb' }));
    await keepDrillReport(store, drillOf(idOf(2)));
    await keepDrillReport(store, drillOf(idOf(4), { release: 'other' }));
    const [newest, ...others] = await lastDrills(store, ['aaaaaaaa', 'bbbbbbbb'], CART, 5);
    assert.deepEqual(newest, drillOf(idOf(3)));
    assert.deepEqual(
      others.map(({ id }) => id),
      [idOf(2), idOf(1)],
    );
    assert.equal((await lastDrills(store, ['aaaaaaaa', 'bbbbbbbb'], CART, 2)).length, 2);
    const cluster = { name: 'bbbbbbbb' };
    assert.deepEqual(
      (await ownDrills(store, [], { cluster, ...CART }, 5)).map(({ id }) => id),
      [idOf(1)],
    );
  });

  test('are none where somebody put something else there', async (t) => {
    const root = await temporaryFolder(t);
    const store = new FolderStore(root);
    await keepDrillReport(store, drillOf(idOf(1)));
    const drills = join(root, 'aaaaaaaa', 'shop', 'cart', 'drills');
    const others: Record<string, string> = {
      [idOf(2)]: 'not JSON',
      [idOf(3)]: '{}',
      [idOf(4)]: JSON.stringify(drillOf(idOf(5))),
      [idOf(6)]: JSON.stringify(drillOf(idOf(6), { release: 'other' })),
      [idOf(7)]: ' '.repeat(300 * 1024),
      [idOf(8)]: '['.repeat(10_000),
      latest: JSON.stringify(drillOf(idOf(9))),
    };
    for (const [name, text] of Object.entries(others)) await writeFile(join(drills, `${name}.json`), text);
    await mkdir(join(drills, `${idOf(10)}.json`));
    assert.deepEqual(
      (await lastDrills(store, ['aaaaaaaa'], CART, 50)).map(({ id }) => id),
      [idOf(1)],
    );
  });

  test('go when a hundred newer ones are there', async (t) => {
    const root = await temporaryFolder(t);
    const store = new FolderStore(root);
    await keepDrillReport(store, drillOf(idOf(1)));
    const drills = join(root, 'aaaaaaaa', 'shop', 'cart', 'drills');
    for (let day = 2; day <= 105; day++)
      await writeFile(join(drills, `${idOf(day)}.json`), JSON.stringify(drillOf(idOf(day))));
    await keepDrillReport(store, drillOf(idOf(106)));
    const left = (await readdir(drills)).sort();
    assert.equal(left.length, 100);
    assert.equal(left[0], `${idOf(7)}.json`);
  });

  test('are refused by a store that is one backup in a file, and none in it', async () => {
    const store = new ArchiveStore('cart.tar.gz');
    await assert.rejects(keepDrillReport(store, drillOf(idOf(1))), /takes no reports of drills/);
    assert.deepEqual(await lastDrills(store, ['aaaaaaaa'], CART, 5), []);
  });
});
