import assert from 'node:assert/strict';
import {
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { verifyOffline } from './verify-offline.ts';

/** The files that describe the others; everything else is a file of the backup. */
const DESCRIBING = ['backup.json', 'backup.json.sha256'];

interface Stored {
  root: string;
  store: Store;
  folder: string;
  /** Every file of the backup, the describing ones too. */
  files: string[];
}

async function stored(t: TestContext): Promise<Stored> {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const { location } = await writeSmallBackup(store);
  const { document } = await store.open(SMALL);
  return { root, store, folder: location, files: [...document.files.map(({ path }) => path), ...DESCRIBING] };
}

/** What can happen to a file as a whole; `other` is the same file of another backup of the release. */
const SPOILS: [string, (path: string, other: string) => void][] = [
  ['its middle byte flipped', (path) => flip(path, Math.floor(statSync(path).size / 2))],
  ['its last byte missing', (path) => truncateSync(path, statSync(path).size - 1)],
  ['one byte too many', (path) => writeFileSync(path, '\n', { flag: 'a' })],
  ['been removed', (path) => rmSync(path)],
  ["another backup's content", (path, other) => cpSync(other, path)],
  [
    'become a link to its own content elsewhere',
    (path) => {
      renameSync(path, `${path}.moved`);
      symlinkSync(`${path}.moved`, path);
    },
  ],
];
for (const [what, spoil] of SPOILS) {
  test(`verify fails for each file that has ${what}, list does not break, and reading all of it fails`, async (t) => {
    const backup = await stored(t);
    const other = await writeSmallBackup(backup.store, { id: '20261123T101500Z', megabytes: 96 });
    assert.equal((await verifyOffline(backup.folder)).code, 0, 'the backup is whole');
    let spoiled = 0;
    for (const file of backup.files) {
      const path = join(backup.folder, file);
      const twin = join(other.location, file);
      const whole = readFileSync(path);
      if (what.startsWith('another') && readFileSync(twin).equals(whole)) continue;
      spoil(path, twin);
      spoiled++;
      const { code, failures } = await verifyOffline(backup.folder);
      assert.equal(code, 1, file);
      assert.ok(failures.length > 0, file);
      await backup.store.list({});
      await assert.rejects(readEverything(backup.store), ToolError, file);
      rmSync(path, { force: true });
      rmSync(`${path}.moved`, { force: true });
      writeFileSync(path, whole);
    }
    assert.ok(spoiled > 8, `${spoiled} files were spoiled`);
    assert.equal((await verifyOffline(backup.folder)).code, 0, 'whole again');
  });
}

test('two backups whose folders were exchanged are both found, by verify and by list', async (t) => {
  const backup = await stored(t);
  const other = await writeSmallBackup(backup.store, { id: '20261123T101500Z', megabytes: 96 });
  renameSync(backup.folder, `${backup.folder}.tmp`);
  renameSync(other.location, backup.folder);
  renameSync(`${backup.folder}.tmp`, other.location);
  for (const folder of [backup.folder, other.location]) {
    const { code, failures } = await verifyOffline(folder);
    assert.equal(code, 1);
    assert.match(failures[0] ?? '', /^backup.json: .*the folder was (moved or )?renamed$/);
  }
  const listed = await backup.store.list({});
  assert.deepEqual(
    listed.map(({ damage }) => /renamed/.test(damage ?? '')),
    [true, true],
  );
});

test('both describing files of another backup do not pass either', async (t) => {
  const backup = await stored(t);
  const other = await writeSmallBackup(backup.store, { id: '20261123T101500Z', megabytes: 96 });
  for (const file of DESCRIBING) cpSync(join(other.location, file), join(backup.folder, file));
  assert.equal((await verifyOffline(backup.folder)).code, 1);
});

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = content[at]! ^ 0x01;
  writeFileSync(path, content);
}

/** What a restore reads, and what it does not. */
async function readEverything(store: Store): Promise<void> {
  const reader = await store.open(SMALL);
  for (const { path } of reader.document.files) await reader.read(path);
  const [irregular] = await reader.irregularities();
  if (irregular !== undefined) throw new ToolError(irregular.why);
}
