import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { type ShowOptions, show } from '../../../src/commands/show.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';
import type { Json, JsonObject } from '../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../src/model/json/yaml.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { parseDocumented } from '../../support/documented-output.ts';
import { podSettings, silentPod } from '../../support/pod-settings.ts';
import { PASSWORD, type SmallOptions, writeSmallBackup } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function run(options: Partial<ShowOptions> = {}, store = '.'): Promise<MemoryIO> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => assert.fail('show needs no cluster here'),
    store: () => openStore(store),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  assert.equal(await show({ output: 'table', ...options }, context), 0);
  return io;
}

/** Sizes and digests change with every word of RUNBOOK.md. */
function withoutSizes(text: string): string {
  return text
    .replace(/^(Size: +\d+ files), .*$/m, '$1')
    .replace(/"files": \[.*?\n {4}\]/s, '"files": "left out"');
}

/** A store of one backup, which is the current folder: locations are then the same on every machine. */
async function inStore(t: TestContext, options: SmallOptions = {}): Promise<{ location: string }> {
  process.chdir(await temporaryFolder(t));
  return writeSmallBackup(await openStore('.'), options);
}

for (const output of ['table', 'wide', 'json', 'yaml', 'name'] as const) {
  test(`a backup as ${output}, its secrets masked`, async (t) => {
    await inStore(t);
    const { stdout, stderr } = await run({ output });
    assertGolden(`show/${output}.txt`, withoutSizes(stdout));
    for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64')]) {
      assert.ok(!`${stdout}${stderr}`.includes(secret), 'the password is not shown');
    }
    const warning =
      /^Warning: secrets are masked in 1 of 4 manifests, so this is for reading; to apply them: .*\/manifests\n$/;
    assert.match(stderr, output === 'yaml' ? warning : /^$/);
  });
}

test('what was not as it should be is shown: silent pods, disagreement, drift, what was not saved', async (t) => {
  const pods = [
    podSettings('cart-1'),
    podSettings('cart-2', { stats: { maxbytes: '33554432' } }),
    silentPod('cart-3'),
    silentPod('cart-4', {
      args: ['--auth-token', 'abc', '-m', '64'],
      env: [{ name: 'TOKEN', value: 'abc' }],
    }),
  ];
  await inStore(t, {
    pods,
    change: (document) => {
      document.complete = false;
      document.skipped = [{ what: 'secrets', why: 'secrets is forbidden' }];
      document.health.drift = ['deployment.apps/cart: spec.replicas'];
      document.kind = 'safety';
    },
  });
  const { stdout } = await run({ backup: 'cart@20261122T101500Z' });
  assertGolden('show/troubled.txt', withoutSizes(stdout));
});

test('a release without Helm, of defaults only', async (t) => {
  const plain = podSettings('cart-1', { args: [] });
  await inStore(t, { history: [], pods: [plain] });
  assertGolden('show/plain.txt', withoutSizes((await run()).stdout));
});

test('what Helm said and what a manifest holds keeps its lines and moves no terminal', async (t) => {
  const conf = '-m 64 \u001b[2J\n\u202e-c 1\r\n';
  await inStore(t, { notes: 'One\u001b[2J\r\n\tTwo\rerror: gone\u202e\n', conf });
  for (const output of ['table', 'wide', 'json', 'yaml'] as const) {
    const { stdout } = await run({ output });
    assert.doesNotMatch(stdout.replaceAll(/[\n\t]/g, ''), /[\p{Cc}\p{Bidi_Control}]/u, output);
  }
  assert.match((await run()).stdout, /^ {2}One\\u001b\[2J\n {2}\tTwo\\u000derror: gone\\u202e$/m);
  const configMap = parseYamlStream((await run({ output: 'yaml' })).stdout)[1] as JsonObject;
  assert.deepEqual(configMap.data, { 'memcached.conf': conf });
});

test('when it was verified is shown', async (t) => {
  const { location } = await inStore(t);
  const reader = await (await openStore('.')).open({
    cluster: '3f6c2a10',
    namespace: 'shop',
    release: 'cart',
    id: '20261122T101500Z',
  });
  await reader.noteVerification({
    at: '2026-11-24T09:00:00Z',
    tool: { name: 'memcached-backup', version: '0.2.0' },
    passed: ['files'],
    unchecked: [{ check: 'render', what: 'memcached-1.2.3', why: 'there is no helm' }],
  });
  const line = /^Verified: +2026-11-24T09:00:00Z \(3h ago\), by 0\.2\.0; not checked: render$/m;
  assert.match((await run()).stdout, line);
  assert.match((await run({ backup: location })).stdout, line);
});

test('the manifests are a stream that YAML readers accept, of the same objects, a Secret as invalid base64', async (t) => {
  await inStore(t);
  const documents = parseYamlStream((await run({ output: 'yaml' })).stdout) as JsonObject[];
  assert.deepEqual(
    documents.map(({ kind }) => kind),
    ['Secret', 'ConfigMap', 'Service', 'Deployment'] satisfies Json[],
  );
  // "***" is no base64: a server refuses it instead of overwriting the real value.
  assert.deepEqual(documents[0]?.data, { password: '***' });
});

test('the JSON has the whole document, and manifests of the same objects', async (t) => {
  await inStore(t);
  const data = parseDocumented((await run({ output: 'json' })).stdout) as JsonObject & { manifests: Json[] };
  const store = await openStore('.');
  const [listed] = await store.list({});
  assert.deepEqual(data.backup, (await store.open(listed!.address)).document);
  assert.equal(data.manifests.length, 4);
});

test('a copy is shown by its path, and its own location is named', async (t) => {
  const { location } = await inStore(t);
  renameSync(location, './copy');
  const { stdout } = await run({ backup: './copy' }, join('/nowhere'));
  assert.match(stdout, /^Location: +\.\/copy$/m);
  assert.match(stdout, /^Backup: +cart@20261122T101500Z$/m);
});

test('several releases and no name: they are named', async (t) => {
  await inStore(t);
  const store = await openStore('.');
  await writeSmallBackup(store, { id: '20261123T101500Z', release: 'search' });
  await assert.rejects(run(), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /: cart, search$/);
    return true;
  });
});
