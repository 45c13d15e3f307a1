import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FolderStore } from '../../../../src/store/folder/folder-store.ts';
import { IdTaken, prepareBackup } from '../../../../src/store/format/prepare-backup.ts';
import type { BackupContent, Store } from '../../../../src/store/store.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** What a copy of the sample backup is saved from. */
async function finishedContent(store: Store): Promise<BackupContent & { finished: Buffer }> {
  const { document, documentBytes } = await store.open(ADDRESS);
  return { ...sampleContent(SAMPLE_FILES, document), finished: documentBytes };
}

test('a copy has its backup.json byte for byte, whatever its formatting', async (t) => {
  const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
  const { location } = await writeSample(new FolderStore(from));
  const content = await finishedContent(new FolderStore(from));
  const saved = await new FolderStore(to).save(ADDRESS, content);
  assert.deepEqual(
    readFileSync(join(saved.location, 'backup.json')),
    readFileSync(join(location, 'backup.json')),
  );
  const compact = Buffer.from(JSON.stringify(content.document));
  assert.equal(
    prepareBackup(ADDRESS, { ...content, finished: compact }).document(ADDRESS.id).text,
    compact.toString(),
  );
});

test('a copy gets no other id: where its own is taken, nothing is saved', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  const { location } = await writeSample(store);
  const content = await finishedContent(store);
  await assert.rejects(store.save(ADDRESS, content), (error) => {
    assert.ok(error instanceof IdTaken);
    assert.equal(error.message, `the id of cart@${ADDRESS.id} is taken by another backup`);
    return true;
  });
  assert.deepEqual(readdirSync(join(location, '..')), [ADDRESS.id]);
});

test('a copy whose files are not those of its document is a defect', async (t) => {
  const store = new FolderStore(await temporaryFolder(t));
  await writeSample(store);
  const content = await finishedContent(store);
  assert.throws(
    () => prepareBackup(ADDRESS, { ...content, files: content.files.slice(1) }),
    /the files are not those of backup\.json/,
  );
});
