import assert from 'node:assert/strict';
import fs, { readdirSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PARENT = join(ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
const [FIRST, ...OTHERS] = Object.entries(SAMPLE_FILES).map(([path, content]) => ({ path, content }));

async function begun(t: TestContext, folder = 'store') {
  const root = join(await temporaryFolder(t), folder);
  const store: Store = new FolderStore(root);
  const save = await store.begin!(ADDRESS, 'backup');
  return { root, store, save: save! };
}

/** Paths of all files in a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('what is written ahead is hidden until the backup is whole, and then it is like any other', async (t) => {
  const { root, store, save } = await begun(t);
  save.write([FIRST!]);
  const written = (): string[] => {
    try {
      return filesIn(join(root, PARENT));
    } catch {
      return [];
    }
  };
  await until(() => written().length > 0);
  assert.match(written()[0] ?? '', new RegExp(`^\\.partial-${ADDRESS.id}[^/]*/${FIRST!.path}$`));
  assert.deepEqual(await store.list({}), []);
  const saved = await save.save(sampleContent());
  const other = await writeSample(new FolderStore(join(root, 'other')));
  assert.deepEqual(filesIn(saved.location), filesIn(other.location));
  for (const path of filesIn(saved.location))
    assert.equal(
      readFileSync(join(saved.location, path), 'utf8'),
      readFileSync(join(other.location, path), 'utf8'),
    );
  assert.deepEqual(readdirSync(join(root, PARENT)), [ADDRESS.id]);
});

test('one that is dropped, interrupted or could not be written leaves nothing', async (t) => {
  const dropped = await begun(t);
  dropped.save.write([FIRST!, ...OTHERS]);
  await dropped.save.drop();
  assert.deepEqual(readdirSync(join(dropped.root, PARENT)), []);

  const interrupted = await begun(t);
  interrupted.save.write([FIRST!]);
  const reason = new Error('enough');
  await assert.rejects(interrupted.save.save(sampleContent(), AbortSignal.abort(reason)), reason);
  assert.deepEqual(readdirSync(join(interrupted.root, PARENT)), []);

  const nowhere = await begun(t, '\0');
  nowhere.save.write([FIRST!]);
  await assert.rejects(nowhere.save.save(sampleContent()));
  await nowhere.save.drop();
});

test('one that is interrupted while the disk syncs what is written leaves nothing', async (t) => {
  const { root, save } = await begun(t);
  const interrupt = new AbortController();
  const { fsync } = fs;
  t.after(() => {
    fs.fsync = fsync;
    syncBuiltinESMExports();
  });
  const isWritten = () => filesIn(join(root, PARENT)).some((path) => path.endsWith('/backup.json'));
  fs.fsync = Object.assign((descriptor: number, done: fs.NoParamCallback) => {
    if (isWritten()) interrupt.abort(new Error('enough'));
    fsync(descriptor, done);
  }, fsync);
  syncBuiltinESMExports();
  await assert.rejects(save.save(sampleContent(), interrupt.signal), /enough/);
  assert.deepEqual(readdirSync(join(root, PARENT)), []);
});

test('what was written ahead and is not so in the backup, or can be in none, is a defect, and nothing of it is saved', async (t) => {
  for (const file of [
    { path: 'settings.json', content: 'other' },
    { path: 'more.json', content: '{}' },
  ]) {
    const { root, save } = await begun(t);
    save.write([file]);
    await assert.rejects(save.save(sampleContent()), /was written ahead, and is not so in the backup/);
    assert.deepEqual(readdirSync(join(root, PARENT)), []);
  }
  const { root, save } = await begun(t);
  save.write([{ path: '../outside', content: 'x' }]);
  await save.save(sampleContent());
  assert.deepEqual(
    filesIn(root).filter((path) => path.includes('outside')),
    [],
  );
});
