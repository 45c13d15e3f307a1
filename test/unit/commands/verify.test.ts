import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { CHECKS } from '../../../src/backup/checks/check-result.ts';
import { type VerifyOptions, verify } from '../../../src/commands/verify.ts';
import { UnreachableError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { type SmallOptions, writeSmallBackup } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { apiError, stubKube } from '../verify/stub-kube.ts';

interface Ran extends MemoryIO {
  code: number;
}

async function run(
  options: Partial<VerifyOptions> = {},
  kube: () => Promise<KubeClient> = () => Promise.resolve(stubKube()),
  store = '.',
): Promise<Ran> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube,
    store: () => openStore(store),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const code = await verify(
    { offline: false, helm: undefined, output: 'table', headers: true, ...options },
    context,
  );
  return Object.assign(io, { code });
}

/** A store of one backup, which is the current folder: locations are then the same on every machine. */
async function inStore(t: TestContext, options: SmallOptions = {}): Promise<string> {
  process.chdir(await temporaryFolder(t));
  return (await writeSmallBackup(await openStore('.'), options)).location;
}

async function verifiedAt(): Promise<(string | undefined)[]> {
  return (await (await openStore('.')).list({})).map(({ verification }) => verification?.at);
}

test('a sound backup: every check in a line, exit code 0, and list says so from then on', async (t) => {
  await inStore(t);
  assert.deepEqual(await verifiedAt(), [undefined]);
  const { code, stdout, stderr } = await run();
  assertGolden('verify/sound.txt', stdout);
  assert.equal(stderr, 'cart@20261122T101500Z is sound: 39 checks passed; 1 could not be checked.\n');
  assert.equal(code, 0);
  assert.deepEqual(await verifiedAt(), ['2026-11-24T12:00:00.000Z']);
});

test('-o wide has a line for each thing, -o name the name of the backup', async (t) => {
  await inStore(t);
  const { stdout } = await run({ output: 'wide' });
  assert.equal(stdout.trim().split('\n').length, 41);
  assert.equal((await run({ output: 'name' })).stdout, 'shop/cart@20261122T101500Z\n');
});

test('-o json has a result for each thing', async (t) => {
  const location = await inStore(t);
  const { stdout } = await run({ output: 'json', offline: true });
  const { results, ...rest } = parseDocumented(stdout) as { results: object[] };
  const said = { verdict: 'ok', sound: true, cluster: 'not-asked', noted: true };
  assert.deepEqual(rest, envelope('VerifyReport', { backup: 'cart@20261122T101500Z', location, ...said }));
  assert.deepEqual(results[0], { check: 'backup.json', what: 'backup.json', status: 'ok' });
  assert.deepEqual(results.at(-1), {
    ...{ check: 'render', what: 'the chart', status: 'unchecked' },
    ...{ why: '--skip-render', matters: false },
  });
});

test('a damaged backup: what is wrong is named, exit code 1, and an earlier note is gone', async (t) => {
  const location = await inStore(t);
  await run();
  writeFileSync(join(location, 'helm/values.yaml'), 'x'.repeat(78));
  rmSync(join(location, 'settings.json'));
  writeFileSync(join(location, 'mine.txt'), '');
  const { code, stdout, stderr } = await run();
  assertGolden('verify/damaged.txt', stdout);
  assert.match(
    stderr,
    /^cart@20261122T101500Z is not sound: 3 of \d+ checks failed\.\nNext: use another backup: /,
  );
  assert.equal(code, 1);
  assert.deepEqual(await verifiedAt(), [undefined]);
  assert.ok(!existsSync(join(location, 'verified.json')));
});

test('a backup that does not even open is a result too, not an error', async (t) => {
  const location = await inStore(t);
  writeFileSync(join(location, 'backup.json'), '{');
  const { code, stdout } = await run();
  assert.match(stdout, /^backup\.json +failed +backup\.json +backup\.json is not JSON$/m);
  assert.equal(code, 1);
});

test('without an id it is the newest backup that is verified, also where it is damaged', async (t) => {
  const older = await inStore(t);
  const newer = (await writeSmallBackup(await openStore('.'), { id: '20261123T101500Z' })).location;
  assert.equal(parseDocumented((await run({ output: 'json' })).stdout).location, newer);
  rmSync(join(newer, 'settings.json'));
  const { code, stdout } = await run({ output: 'json', backup: 'cart' });
  assert.equal(parseDocumented(stdout).location, newer);
  assert.equal(code, 1);
  assert.equal((await run({ backup: 'cart@20261122T101500Z' })).code, 0);
  assert.equal((await run({ backup: older })).code, 0);
});

test('a cluster that does not answer: exit code 5, and the rest counts', async (t) => {
  await inStore(t);
  const { code, stdout, stderr } = await run({}, () => Promise.reject(new UnreachableError('it is away')));
  assertGolden('verify/unreachable.txt', stdout);
  assert.equal(
    stderr,
    'cart@20261122T101500Z: 31 checks passed and none failed; 3 could not be checked.\n' +
      'Next: the same command once the cluster answers, or with --offline\n',
  );
  assert.equal(code, 5);
  const [listed] = await (await openStore('.')).list({});
  assert.deepEqual(
    listed?.verification?.unchecked.map(({ check }) => check),
    ['api-versions', 'dry-run', 'render'],
  );
});

test('a backup of another cluster is checked against this one, which is said', async (t) => {
  await inStore(t);
  const { code, stderr } = await run({}, () => Promise.resolve(stubKube({ uid: 'another' })));
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^Warning: the backup is of another cluster, 3f6c2a10: API versions and dry runs are those of this/m,
  );
});

test('--offline asks nobody and is no less than that: exit code 0', async (t) => {
  await inStore(t);
  const { code } = await run({ offline: true }, () => assert.fail('the cluster was asked'));
  assert.equal(code, 0);
});

test('a server that quotes a Secret in its refusal is not repeated', async (t) => {
  await inStore(t);
  const refuse = () => apiError(422, 'Invalid', 'Invalid value: "correct-horse-battery": too long');
  const { code, stdout, stderr } = await run({ output: 'wide' }, () => Promise.resolve(stubKube({ refuse })));
  assert.equal(code, 3, 'the backup is sound, the server refuses it');
  assert.match(stdout, /Invalid value: "\*\*\*": too long/);
  assert.doesNotMatch(`${stdout}${stderr}`, /correct-horse/);
});

test('an incomplete backup may be sound all the same: it is what it says', async (t) => {
  await inStore(t, { change: (document) => (document.complete = false) });
  assert.equal((await run({ backup: 'cart@20261122T101500Z', offline: true })).code, 0);
});

test('a store that does not exist ends with exit code 4', async (t) => {
  process.chdir(await temporaryFolder(t));
  await assert.rejects(run({ backup: 'cart' }, undefined, './none'), UnreachableError);
});

test('docs/output.md explains every check', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/output.md'), 'utf8');
  for (const check of CHECKS) assert.match(page, new RegExp(`^\\| \`${check}\` \\| `, 'm'), check);
});
