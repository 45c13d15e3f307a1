import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type ListOptions, list } from '../../../src/commands/list.ts';
import { listColumns, listData } from '../../../src/commands/list-view.ts';
import { UnreachableError, UsageError } from '../../../src/errors/tool-error.ts';
import type { VerificationDocument } from '../../../src/model/records/backup-format.ts';
import { summaryOf } from '../../../src/model/records/backup-summary.ts';
import { envelope } from '../../../src/output/envelope.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { FolderStore } from '../../../src/store/folder/folder-store.ts';
import { sha256 } from '../../../src/store/format/digest.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { ListedBackup } from '../../../src/store/store.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { forgeDocument } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { spelled } from '../spelled.ts';
import { ADDRESS, sampleDocument, writeSample } from '../store/sample-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function run(
  location: string,
  options: Partial<ListOptions> = {},
  stateFolder?: FolderStore,
  terminal: { outColumns?: number } = {},
): Promise<MemoryIO> {
  const io = Object.assign(createMemoryIO(), terminal);
  const context: CommandContext = {
    io,
    kube: () => assert.fail('list needs no cluster'),
    store: () => openStore(location),
    stateFolder: async () => stateFolder,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const code = await list(
    { allNamespaces: false, safety: false, output: 'table', headers: true, ...options },
    context,
  );
  assert.equal(code, 0);
  return io;
}

/** What goes right and what goes wrong: each of it is a row. */
async function variedStore(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  await writeSample(store, { id: '20260301T033000Z' });
  const verified = await writeSample(store, { id: '20261124T115000Z' });
  await (await store.open(verified)).noteVerification({
    at: '2026-11-24T11:55:00Z',
    tool: { name: 'memcached-backup', version: '0.1.0' },
    passed: ['files', 'objects'],
    unchecked: [{ check: 'render', what: 'memcached-1.2.3', why: 'there is no helm' }],
  });
  await writeSample(store, { id: '20261124T115000Z-2' }, { kind: 'safety' });
  await writeSample(store, { id: '20261123T000000Z' }, { complete: false });
  await writeSample(
    store,
    { id: '20261122T101500Z' },
    {
      health: {
        podsReady: 1,
        podsWanted: 3,
        releaseStatus: 'failed',
        drift: ['deployment.apps/cart: replicas'],
      },
      settings: { verdict: 'partial', podsAnswered: 1, podsAsked: 3, differing: [], inShort: '-m 8 -c 64' },
    },
  );
  const { helm: _, ...plain } = sampleDocument({
    namespace: 'dev',
    release: 'sessions',
    id: '20261124T115915Z',
  });
  const address = { cluster: '3f6c2a10', namespace: 'dev', release: 'sessions', id: plain.id };
  const health = { podsReady: 1, podsWanted: 1, drift: [] };
  const settings = {
    verdict: 'agree' as const,
    podsAnswered: 1,
    podsAsked: 1,
    differing: [],
    inShort: '-m 48 -c 256',
  };
  const note = 'before 1.7';
  await store.save(address, { files: [], document: { ...plain, note, health, settings } });
  const lost = await writeSample(store, { release: 'search', id: '20261121T000000Z' });
  rmSync(join(lost.location, 'helm/values.yaml'));
  const bent = await writeSample(store, { release: 'search', id: '20261120T000000Z' });
  writeFileSync(join(bent.location, 'backup.json'), '{');
  return root;
}

for (const output of ['table', 'wide', 'json', 'yaml', 'name'] as const) {
  test(`the store as ${output}`, async (t) => {
    // A relative name, so that locations are the same on every machine.
    process.chdir(await variedStore(t));
    const io = await run('.', { output });
    assertGolden(`list/${output}.txt`, io.stdout);
    assert.equal(io.stderr, "Warning: 2 of 8 can't be restored: damaged or not readable\n");
  });
}

test('docs/output.md shows the fields that -o json has', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/output.md'), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  const { stdout } = await run(await variedStore(t), { output: 'json' });
  const keysOf = (text: string): string[] => {
    const { items } = parseDocumented(text) as { items: object[] };
    return [...new Set(items.flatMap((item) => Object.keys(item)))].sort();
  };
  assert.deepEqual(keysOf(example), keysOf(stdout));
});

test('the default table fits a terminal of 80 columns', async (t) => {
  const root = await variedStore(t);
  const { stdout } = await run(root, { namespace: 'shop' }, undefined, { outColumns: 80 });
  assert.match(stdout, /^RELEASE +ID +KIND +AGE +HEALTHY +SETTINGS/);
  assert.match(stdout, /^cart +20261124T115000Z-2 +safety /m);
  for (const line of stdout.split('\n')) {
    if (!line.includes('damaged:')) assert.ok(line.length <= 80, line);
  }
});

test('backups of several clusters name the cluster', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  await writeSample(store, { cluster: 'prod' });
  await writeSample(store, { cluster: 'stage' });
  assertGolden('list/clusters.txt', (await run(root)).stdout);
});

test('no headers, on request', async (t) => {
  const root = await temporaryFolder(t);
  await writeSample(await openStore(root));
  assert.equal(
    (await run(root, { headers: false })).stdout,
    'shop   cart   20261122T101500Z   backup   2d1h   memcached-1.2.3   yes   <none>   no   yes\n',
  );
});

test('what was left out on purpose is told from what is lacking', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const gap = { what: 'services', why: 'forbidden' };
  await writeSample(store, { release: 'gap' }, { complete: false, skipped: [gap] });
  const asked = { what: 'secret/login', why: 'left out', asked: true } as const;
  await writeSample(store, { release: 'wanted' }, { complete: false, skipped: [asked] });
  const { stdout } = await run(root, { headers: false });
  assert.match(stdout, /gap .* no\n/);
  assert.match(stdout, /wanted .* no, without Secrets\n/);
});

const NARROWED: [string, Partial<ListOptions>, string[]][] = [
  ['everything without -n', {}, ['dev/sessions', 'shop/cart']],
  ['one namespace with -n', { namespace: 'dev' }, ['dev/sessions']],
  ['everything with -n and -A', { namespace: 'dev', allNamespaces: true }, ['dev/sessions', 'shop/cart']],
  ['one release by its name', { release: 'cart' }, ['shop/cart']],
];
for (const [what, options, expected] of NARROWED) {
  test(`lists ${what}`, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openStore(root);
    await writeSample(store);
    await writeSample(store, { namespace: 'dev', release: 'sessions' });
    const { stdout } = await run(root, { ...options, output: 'json' });
    const { items } = parseDocumented(stdout) as { items: { namespace: string; release: string }[] };
    assert.deepEqual(
      items.map(({ namespace, release }) => `${namespace}/${release}`),
      expected,
    );
  });
}

test('an empty store is said on standard error, and is no failure', async (t) => {
  const root = await temporaryFolder(t);
  const io = await run(root);
  assert.equal(io.stdout, '');
  assert.equal(io.stderr, `No backups in the store ${root}.\n`);
});

test('an empty store as JSON is still JSON', async (t) => {
  const root = await temporaryFolder(t);
  const { stdout } = await run(root, { output: 'json' });
  assert.deepEqual(parseDocumented(stdout), envelope('BackupList', { store: root, items: [] }));
});

test('an empty answer names what the store holds besides', async (t) => {
  const root = await temporaryFolder(t);
  await writeSample(await openStore(root));
  const io = await run(root, { namespace: 'default', release: 'cart' });
  assert.equal(
    io.stderr,
    `No backups of cart in namespace default in the store ${root}.\n` +
      `It holds 1 of other releases or namespaces: kubectl memcached-backup list -A --store ${root}\n`,
  );
});

test('a store that does not exist ends with exit code 4 and the next command', async (t) => {
  const root = join(await temporaryFolder(t), 'none');
  await assert.rejects(run(root), (error) => {
    assert.ok(error instanceof UnreachableError);
    assert.match(spelled(error.next), /kubectl memcached-backup backup '<RELEASE>' --store /);
    return true;
  });
});

/** The paths to every value in a document, outer ones first. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, item]) => pathsIn(item).map((path) => [key, ...path]))];
}

/** The document with one of its values replaced, or left out where it is undefined. */
function withAt<T>(document: T, path: string[], value: unknown): T {
  const copy = structuredClone(document);
  const key = path.at(-1)!;
  const holder = path
    .slice(0, -1)
    .reduce((at, part) => at[part] as Record<string, unknown>, copy as Record<string, unknown>);
  if (value === undefined) delete holder[key];
  else holder[key] = value;
  return copy;
}

/** What does not belong there; the last one is an object that no text can be made of. */
const STRANGE: unknown[] = [undefined, null, 1, -1.5, 'x', true, [], {}, [null], { toString: 1, valueOf: 1 }];

test('no forged document ends a listing, whatever is missing from it or stands in its place', async (t) => {
  const root = await temporaryFolder(t);
  const { location } = await writeSample(await openStore(root));
  const documents = pathsIn(sampleDocument())
    .filter((path) => path.length > 0)
    .flatMap((path) => STRANGE.map((value) => withAt(sampleDocument(), path, value)));
  assert.ok(documents.length > 500);
  for (const document of documents) {
    forgeDocument(location, (written) => {
      for (const key of Object.keys(written)) Reflect.deleteProperty(written, key);
      Object.assign(written, document);
    });
    for (const output of ['wide', 'json'] as const) await run(root, { output });
  }
});

test('nor does a forged verification, which then says nothing', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openStore(root);
  const { location } = await writeSample(store);
  const path = join(location, 'verified.json');
  const reader = await store.open(ADDRESS);
  await reader.noteVerification({
    at: '2026-11-24T11:55:00Z',
    tool: { name: 'memcached-backup', version: '0.1.0' },
    passed: ['files'],
    unchecked: [{ check: 'render', what: 'memcached-1.2.3', why: 'there is no helm' }],
  });
  const { digest: _, ...whole } = JSON.parse(readFileSync(path, 'utf8')) as VerificationDocument;
  const forge = (document: object): void => {
    const sealed = { ...document, digest: sha256(JSON.stringify(document)) };
    writeFileSync(path, `${JSON.stringify(sealed, null, 2)}\n`);
  };
  forge(whole);
  assert.deepEqual(
    (await reader.verification())?.passed,
    ['files'],
    'the seal of this test is that of verify',
  );
  for (const at of ['at', 'tool', 'tool.version', 'passed', 'unchecked', 'unchecked.0', 'unchecked.0.why']) {
    for (const value of STRANGE) {
      if (typeof value === 'string' && /version|why/.test(at)) continue;
      if (Array.isArray(value) && value.length === 0 && /passed|^unchecked$/.test(at)) continue;
      forge(withAt(whole, at.split('.'), value));
      assert.equal(await reader.verification(), undefined, `${at}: ${JSON.stringify(value)}`);
      for (const output of ['table', 'json'] as const) await run(root, { output });
    }
  }
});

test('what can not be a release is a usage error, before the store is opened', async () => {
  await assert.rejects(run('/nowhere', { release: 'Cart_1' }), UsageError);
});

test('--safety also lists what lies in the state folder', async (t) => {
  const [root, state] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeSample(await openStore(root), { id: '20261124T115000Z' });
  await writeSample(await openStore(state), { id: '20261124T115500Z' }, { kind: 'safety' });
  const names = async (safety: boolean): Promise<string> =>
    (await run(root, { output: 'name', safety }, new FolderStore(state))).stdout;
  assert.equal(await names(false), 'shop/cart@20261124T115000Z\n');
  assert.equal(await names(true), 'shop/cart@20261124T115500Z\nshop/cart@20261124T115000Z\n');
});

test('a signature that a store can not list is not shown, which is another thing than none', () => {
  const listed: ListedBackup = {
    address: ADDRESS,
    location: 'here',
    summary: summaryOf(sampleDocument()),
    signed: 'not listed',
  };
  const { signed: _, ...unsigned } = listed;
  const cellOf = (backup: ListedBackup) =>
    listColumns([backup], { now: new Date(), signed: new Map() })
      .find(({ header }) => header === 'SIGNED')
      ?.cell(backup);
  assert.equal(cellOf(listed), 'not shown');
  assert.equal(cellOf(unsigned), '');
  const said = (backup: ListedBackup) => (listData(backup, undefined) as { signed?: object }).signed;
  assert.deepEqual(said(listed), { status: 'not-shown' });
  assert.equal(said(unsigned), undefined);
});
