import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CommandContext } from '../../../src/commands/context.ts';
import { type ListOptions, list } from '../../../src/commands/list.ts';
import { UnreachableError, UsageError } from '../../../src/errors/tool-error.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { assertGolden } from '../golden.ts';
import { sampleDocument, writeSample } from '../store/sample-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function run(location: string, options: Partial<ListOptions> = {}): Promise<MemoryIO> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => assert.fail('list needs no cluster'),
    store: () => openStore(location),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    invocation: 'kubectl memcached-backup',
    version: '0.1.0',
  };
  const code = await list({ allNamespaces: false, output: 'table', headers: true, ...options }, context);
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
      settings: { verdict: 'partial', podsAnswered: 1, podsAsked: 3, differing: [] },
    },
  );
  const { helm: _, ...plain } = sampleDocument({
    namespace: 'dev',
    release: 'sessions',
    id: '20261124T115915Z',
  });
  const writer = await store.create({
    cluster: '3f6c2a10',
    namespace: 'dev',
    release: 'sessions',
    id: plain.id,
  });
  await writer.commit({ ...plain, health: { podsReady: 1, podsWanted: 1, drift: [] } });
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
    const { items } = JSON.parse(text) as { items: object[] };
    return [...new Set(items.flatMap((item) => Object.keys(item)))].sort();
  };
  assert.deepEqual(keysOf(example), keysOf(stdout));
});

test('the default table fits a terminal of 120 columns', async (t) => {
  const root = await variedStore(t);
  const { stdout } = await run(root);
  for (const line of stdout.split('\n')) {
    if (!line.includes('damaged:')) assert.ok(line.length <= 120, line);
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
    'shop   cart   20261122T101500Z   backup   2d1h   memcached-1.2.3   4   2/2   no   yes\n',
  );
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
    const { items } = JSON.parse(stdout) as { items: { namespace: string; release: string }[] };
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
  assert.deepEqual(JSON.parse(stdout), { store: root, items: [] });
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
    assert.match(error.next ?? '', /kubectl memcached-backup backup RELEASE --store /);
    return true;
  });
});

test('what can not be a release is a usage error, before the store is opened', async () => {
  await assert.rejects(run('/nowhere', { release: 'Cart_1' }), UsageError);
});
