import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { readSoundSource } from '../../../src/backup/read-sound-source.ts';
import { diff } from '../../../src/commands/diff.ts';
import { permissions } from '../../../src/commands/permissions.ts';
import { displayName } from '../../../src/model/kubernetes/object.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { backupAtPath } from '../../../src/store/find/locate-backup.ts';
import { DamagedBackup } from '../../../src/store/format/damage.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { anObject } from '../../support/objects.ts';
import { forgeObject, writeSmallBackup } from '../../support/small-backup.ts';
import { spelled } from '../spelled.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { verifyOffline } from '../verify/verify-offline.ts';

const VERSION = { version: '0.1.0' };

async function aBackup(t: TestContext): Promise<string> {
  return (await writeSmallBackup(await openStore(await temporaryFolder(t)))).location;
}

const noStore = () => assert.fail('a path needs no store');
const open = async (folder: string) => (await backupAtPath(folder, noStore))!.open();

test('an honest backup is read, its roles as the backup gave them', async (t) => {
  const reader = await open(await aBackup(t));
  const source = await readSoundSource(reader, VERSION);
  assert.deepEqual(source.document, reader.document);
  assert.deepEqual(
    source.objects.map(({ ref, entry }) => `${displayName(ref)} ${entry.role}`),
    ['secret/cart owned', 'configmap/cart owned', 'service/cart owned', 'deployment.apps/cart owned'],
  );
});

test('what verify refuses is refused in its words, with the object and the command that shows it all', async (t) => {
  const folder = await aBackup(t);
  forgeObject(folder, anObject('v1', 'Pod', 'evil').object);
  writeFileSync(join(folder, 'notes.txt'), 'x');
  const { failures } = await verifyOffline(folder);
  assert.equal(failures.length, 2);
  await assert.rejects(readSoundSource(await open(folder), VERSION), (error) => {
    assert.ok(error instanceof DamagedBackup);
    assert.equal(error.damage, `${failures[0]}; and 1 more`);
    assert.match(failures.join('\n'), /^pod\/evil: .* \(a restore makes no Pods\)$/m);
    assert.match(spelled(error.next), new RegExp(`memcached-backup verify ${folder} --offline`));
    return true;
  });
});

test('diff and permissions ask no cluster about a backup that verify refuses', async (t) => {
  const backup = await aBackup(t);
  forgeObject(backup, anObject('v1', 'Pod', 'evil').object);
  const context: CommandContext = {
    io: createMemoryIO(),
    kube: () => Promise.reject(new Error('the cluster is asked')),
    store: () => openStore('/nowhere'),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    ...VERSION,
  };
  const form = { output: 'table', headers: true } as const;
  await assert.rejects(diff({ backup, ...form }, context), DamagedBackup);
  const ofRestore = { command: 'restore', backup, allNamespaces: false, check: false, ...form };
  await assert.rejects(permissions(ofRestore, context), DamagedBackup);
});
