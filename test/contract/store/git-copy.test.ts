import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { openStore } from '../../../src/store/open-store.ts';
import { fromSource } from '../../support/from-source.ts';
import { aKey } from '../../support/sealed.ts';
import { writeSmallBackup } from '../../support/small-backup.ts';
import { makeRepository } from './git-kind.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

describe('copy to Git and back', () => {
  test('is refused in plain text, seals on the way, keeps what did not change, and goes back byte for byte', async (t) => {
    const { folder, env, git } = await makeRepository(t);
    const [from, back] = [join(folder, '..', 'from'), join(folder, '..', 'back')];
    const [saved] = [
      await writeSmallBackup(await openStore(from)),
      await writeSmallBackup(await openStore(from), { id: '20991123T101500Z' }),
    ];
    const to = `git+file://${folder}`;
    const key = await aKey(t);
    const run = (...words: string[]) =>
      promisify(execFile)(process.execPath, fromSource(MAIN, ...words), { env });
    await assert.rejects(run('copy', '--all', '--store', from, '--to', to), /does not go into Git/);
    assert.equal(git(['for-each-ref']).toString(), '');
    const seal = ['copy', '--all', '--store', from, '--to', to, '--encrypt-to', key.recipient];
    assert.match((await run(...seal)).stderr, /Copied 2 of 2 backups/);
    assert.equal(git(['rev-list', '--count', 'main']).toString(), '1\n');
    assert.match((await run(...seal)).stderr, /2 were there/);
    const open = ['--identity', key.file, '--open'];
    assert.match((await run('copy', '--all', '--store', to, '--to', back, ...open)).stderr, /Copied 2 of 2/);
    const { cluster, namespace, release } = saved;
    const ids = readdirSync(join(back, cluster, namespace, release)).sort();
    assert.deepEqual(ids, [saved.id, '20991123T101500Z'].sort());
    for (const id of ids) {
      const address = { cluster, namespace, release, id };
      const [before, after] = [
        await (await openStore(from)).open(address),
        await (await openStore(back)).open(address),
      ];
      assert.deepEqual(after.document, before.document);
    }
  });
});
