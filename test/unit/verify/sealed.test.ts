import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { verify } from '../../../src/commands/verify.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { SealedBackup } from '../../../src/store/format/sealed-backup.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { aKey, aSealingStore } from '../../support/sealed.ts';
import { writeSmallBackup } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function run(store: string, identityFiles: string[], output: 'json' | 'table' = 'json') {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => Promise.reject(new Error('no cluster is needed')),
    store: () => aSealingStore(store, { identityFiles }),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const code = await verify({ offline: true, helm: undefined, output, headers: true }, context);
  return { code, io };
}

async function sealed(t: TestContext) {
  const root = await temporaryFolder(t);
  const key = await aKey(t);
  const { location } = await writeSmallBackup(await aSealingStore(root, { encryptTo: [key.recipient] }));
  return { root, key, location };
}

test('with the key all is checked, what lies in the archive too', async (t) => {
  const { root, key, location } = await sealed(t);
  const { code, io } = await run(root, [key.file]);
  const { verdict, results } = parseDocumented(io.stdout);
  assert.deepEqual([code, verdict], [0, 'ok']);
  const checks = new Set(results.map(({ check }: { check: string }) => check));
  for (const check of ['files', 'opened', 'objects', 'settings', 'helm', 'chart'])
    assert.ok(checks.has(check), check);
  const noted = JSON.parse(readFileSync(join(location, 'verified.json'), 'utf8'));
  assert.ok(noted.passed.includes('opened'));
});

test('without a key the bytes are checked, and it says that it was not opened', async (t) => {
  const { root, location } = await sealed(t);
  const { code, io } = await run(root, [], 'table');
  assert.equal(code, 0);
  assertGolden(
    'verify/not-opened.txt',
    `${io.stdout}${io.stderr}`.replaceAll(/[0-9a-f]{8} \(/g, '1a2b3c4d ('),
  );
  const noted = JSON.parse(readFileSync(join(location, 'verified.json'), 'utf8'));
  assert.deepEqual(noted.passed, ['backup.json', 'files']);
  assert.equal(noted.unchecked[0].check, 'opened');
});

test('without a key nothing takes the place of a verification that opened it, unless it fails', async (t) => {
  const { root, key, location } = await sealed(t);
  const path = join(location, 'verified.json');
  await run(root, [key.file]);
  const before = readFileSync(path, 'utf8');
  const { code, io } = await run(root, []);
  assert.equal(code, 0);
  assert.equal(parseDocumented(io.stdout).noted, false);
  assert.match(io.stderr, /The verification of 2026-11-24T12:00:00\S*, which opened it, stays noted\./);
  assert.equal(readFileSync(path, 'utf8'), before);
  // Of other bytes it says nothing any more.
  writeFileSync(join(location, 'sealed.tar.gz.age'), 'x');
  assert.equal((await run(root, [])).code, 1);
  assert.throws(() => readFileSync(path), /ENOENT/);
});

test('a damaged archive is found without a key, and with one', async (t) => {
  for (const spoil of ['cut', 'flipped', 'missing'] as const) {
    const { root, key, location } = await sealed(t);
    const path = join(location, 'sealed.tar.gz.age');
    const content = readFileSync(path);
    if (spoil === 'missing') rmSync(path);
    else if (spoil === 'cut') writeFileSync(path, content.subarray(0, -1));
    else writeFileSync(path, content.with(content.length - 20, content.at(-20)! ^ 1));
    for (const identities of [[], [key.file]]) {
      const { code, io } = await run(root, identities);
      assert.equal(code, 1, spoil);
      const failures = parseDocumented(io.stdout).results.filter(
        ({ status }: { status: string }) => status === 'failed',
      );
      assert.ok(failures.length > 0 && JSON.stringify(failures).includes('sealed.tar.gz.age'), spoil);
    }
  }
});

test('a key that does not fit is an error, and says nothing of the backup', async (t) => {
  const { root, location } = await sealed(t);
  await run(root, []);
  const before = readFileSync(join(location, 'verified.json'), 'utf8');
  const other = await aKey(t);
  await assert.rejects(run(root, [other.file]), SealedBackup);
  assert.equal(readFileSync(join(location, 'verified.json'), 'utf8'), before);
});
