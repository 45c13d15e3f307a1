import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openStore } from '../../../src/store/open-store.ts';
import { UnwritableStore } from '../../../src/store/store-error.ts';
import { storeAt } from '../../support/pvc/served-claim.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';

const SERVER = join(import.meta.dirname, 'pvc-crashing-server.ts');
const EARLIER = { ...ADDRESS, id: '20261121T000000Z' };

/** File operations between two kills: each is one more process. */
const STRIDE = 5;

async function crashing(
  root: string,
  at: number,
): Promise<{ child: ChildProcess; port: number; token: Buffer }> {
  const child = spawn(process.execPath, [SERVER, root, `${at}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const { port, token } = JSON.parse(line) as { port: number; token: string };
  return { child, port, token: Buffer.from(token, 'hex') };
}

test('a server that is killed at any file operation of a save leaves a whole backup or nothing, and says which', async (t) => {
  const outcomes: string[] = [];
  for (let at = 1; outcomes.at(-1) !== 'saved'; at += STRIDE) {
    assert.ok(at < 200, 'it ends');
    const root = join(await temporaryFolder(t), 'store');
    await mkdir(root);
    await writeSample(await openStore(root), EARLIER);
    const { child, port, token } = await crashing(root, at);
    const store = storeAt(port, token);
    const saved = await writeSample(store).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof UnwritableStore, String(error));
        // What it says of it: that it is not there, or that nobody knows.
        assert.match(error.untouched ?? '', /nothing half written|is not known, whole if it was/);
        return false;
      },
    );
    child.kill('SIGKILL');
    await store.close();
    const listed = await (await openStore(root)).list({});
    for (const { damage } of listed) assert.equal(damage, undefined, `operation ${at}`);
    const ids = listed.map(({ address }) => address.id);
    assert.ok(ids.includes(EARLIER.id));
    if (saved) assert.ok(ids.includes(ADDRESS.id), 'what was said to be saved is there');
    outcomes.push(saved ? 'saved' : 'lost');
    // The next one is not in its way.
    assert.ok((await writeSample(await openStore(root))).id.startsWith(ADDRESS.id));
  }
  assert.ok(outcomes.filter((each) => each === 'lost').length > 3, outcomes.join());
});
