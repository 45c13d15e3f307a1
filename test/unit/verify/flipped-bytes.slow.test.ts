import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { DamagedBackup } from '../../../src/store/format/damage.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aSecret } from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** The files that describe the others; everything else is a file of the backup. */
const DESCRIBING = ['backup.json', 'backup.json.sha256'];

/** One object, one revision, one pod: each byte costs a read. */
async function tiny(t: TestContext): Promise<{ store: Store; folder: string; files: string[] }> {
  const store = await openStore(await temporaryFolder(t));
  const manifest = [aSecret('cart', { password: 'x' }).object];
  const { location } = await writeSmallBackup(store, {
    history: [aRevision(1, 'deployed', { manifest })],
    pods: [podSettings('cart-1')],
  });
  const { document } = await store.open(SMALL);
  return { store, folder: location, files: [...document.files.map(({ path }) => path), ...DESCRIBING] };
}

/** What reading the file, and for the describing ones opening the backup, says; undefined: nothing wrong. */
async function found(store: Store, file: string): Promise<string | undefined> {
  try {
    const reader = await store.open(SMALL);
    if (DESCRIBING.includes(file)) return (await reader.irregularities())[0]?.why;
    await reader.read(file);
    return undefined;
  } catch (error) {
    if (error instanceof DamagedBackup) return error.damage;
    // A flipped digit of formatVersion makes it a version from the future.
    if (error instanceof ToolError && /format version/.test(error.message)) return error.message;
    throw error;
  }
}

test('every byte flipped in turn is found where the file is read', async (t) => {
  const { store, folder, files } = await tiny(t);
  for (const file of files) assert.equal(await found(store, file), undefined, 'the backup is whole');
  // The describing files were read and checked: one reader serves for all the others.
  const reader = await store.open(SMALL);
  let flips = 0;
  for (const file of files) {
    const whole = readFileSync(join(folder, file));
    const descriptor = openSync(join(folder, file), 'r+');
    for (const [at, byte] of whole.entries()) {
      writeSync(descriptor, Buffer.of(byte ^ (1 << (at % 8))), 0, 1, at);
      if (DESCRIBING.includes(file)) {
        assert.notEqual(await found(store, file), undefined, `byte ${at} of ${file}`);
      } else {
        await assert.rejects(reader.read(file), DamagedBackup, `byte ${at} of ${file}`);
      }
      writeSync(descriptor, Buffer.of(byte), 0, 1, at);
      flips++;
    }
    closeSync(descriptor);
  }
  for (const file of files) assert.equal(await found(store, file), undefined, 'whole again');
  assert.ok(flips > 5_000, `${flips} flips`);
});

test('every file cut off at any length is found where it is read', async (t) => {
  const { store, folder, files } = await tiny(t);
  const reader = await store.open(SMALL);
  for (const file of files) {
    const path = join(folder, file);
    const whole = readFileSync(path);
    for (let length = whole.length - 1; length >= 0; length -= whole.length > 300 ? 17 : 1) {
      truncateSync(path, length);
      if (DESCRIBING.includes(file))
        assert.notEqual(await found(store, file), undefined, `${length} of ${file}`);
      else await assert.rejects(reader.read(file), DamagedBackup, `${length} bytes of ${file}`);
    }
    writeFileSync(path, whole);
  }
});
