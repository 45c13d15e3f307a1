import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { placeholder, tool } from '../../../src/advice/command.ts';
import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import { permissionsCommand } from '../../../src/cli/commands/permissions.ts';
import { type PermissionsOptions, permissions } from '../../../src/commands/permissions.ts';
import { ToolError, UsageError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { type JsonObject, objectAt, stringAt } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { PERMISSION_COMMANDS } from '../../../src/model/permissions/command-permissions.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { writeSmallBackup } from '../../support/small-backup.ts';
import { assertGolden } from '../golden.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** A cluster that allows everything but what `denied` says, as "VERB RESOURCE". */
function cluster(
  denied: string[],
  namespaces: string[],
  role: () => Promise<KubeObject | undefined>,
): KubeClient {
  const stub: Partial<KubeClient> = {
    namespace: 'cache',
    get: ({ kind, name }) => {
      if (kind !== 'Namespace') return role();
      return Promise.resolve(
        namespaces.includes(name) ? { apiVersion: 'v1', kind, metadata: { name } } : undefined,
      );
    },
    create: (review) => {
      const asked = objectAt(review, 'spec', 'resourceAttributes');
      const [verb, resource, subresource] = ['verb', 'resource', 'subresource'].map((key) =>
        stringAt(asked, key),
      );
      const text = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
      return Promise.resolve({ ...review, status: { allowed: !denied.includes(text) } });
    },
  };
  return stub as KubeClient;
}

async function run(
  options: Partial<PermissionsOptions> & { command: string },
  {
    denied = [],
    namespaces = ['shop'],
    role = async () => undefined,
  }: { denied?: string[]; namespaces?: string[]; role?: () => Promise<KubeObject | undefined> } = {},
): Promise<{ code: number; io: MemoryIO }> {
  const io = createMemoryIO();
  const context: CommandContext = {
    io,
    kube: () => Promise.resolve(cluster(denied, namespaces, role)),
    store: () => openStore('.'),
    stateFolder: async () => undefined,
    now: () => new Date('2026-11-24T12:00:00Z'),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
  };
  const defaults = { allNamespaces: false, check: false, output: 'table', headers: true } as const;
  return { code: await permissions({ ...defaults, ...options }, context), io };
}

async function aBackup(t: TestContext): Promise<void> {
  process.chdir(await temporaryFolder(t));
  await writeSmallBackup(await openStore('.'));
}

for (const output of ['table', 'wide', 'json', 'yaml', 'name'] as const) {
  test(`what restoring a backup takes, as ${output}`, async (t) => {
    await aBackup(t);
    const { code, io } = await run({ command: 'restore', backup: 'cart', output, subject: 'user:jane' });
    assert.deepEqual([code, io.stderr], [0, '']);
    assertGolden(`permissions/restore-${output}.txt`, io.stdout);
  });
}

test('--check shows what is missing; what is optional does not count', async (t) => {
  await aBackup(t);
  const held = await run({ command: 'backup', check: true });
  assert.deepEqual([held.code, held.io.stdout], [0, '']);
  const optional = await run({ command: 'backup', check: true }, { denied: ['get namespaces'] });
  assert.equal(optional.code, 1, 'its own namespace is needed');
  const lacking = await run(
    { command: 'restore', backup: 'cart', check: true },
    { denied: ['create pods/eviction', 'patch secrets'] },
  );
  assert.equal(lacking.code, 1);
  assertGolden('permissions/check.txt', lacking.io.stdout);
  assert.match(lacking.io.stderr, /restore needs 2 permissions that you lack\./);
});

test('verify asks for nothing that it must have', async (t) => {
  await aBackup(t);
  const denied = ['update secrets', 'list pods', 'get namespaces'];
  const { code, io } = await run(
    { command: 'verify', backup: 'cart', check: true, output: 'name' },
    { denied },
  );
  assert.equal(code, 0);
  assert.match(io.stdout, /^list pods in namespace shop$/m);
});

test('what applying it would replace is said, and warned of where it is not ours', async (t) => {
  await aBackup(t);
  const role = (labels: JsonObject): KubeObject => ({ apiVersion: 'x', kind: 'Role', metadata: { labels } });
  const printed = async (found: () => Promise<KubeObject | undefined>): Promise<MemoryIO> =>
    (await run({ command: 'restore', backup: 'cart', output: 'yaml' }, { role: found })).io;
  const own = await printed(async () => role({ 'app.kubernetes.io/name': 'memcached-backup' }));
  assert.match(
    own.stdout,
    /^# {3}role\.\S+:restore:shop:cart in namespace shop: replaces the one that was made/m,
  );
  assert.equal(own.stderr, '');
  const foreign = await printed(async () => role({}));
  assert.match(foreign.stdout, /^# {3}role\..* NOT OF THIS TOOL$/m);
  assert.match(foreign.stderr, /^Warning: clusterrole\..* exists and is not of this tool/m);
  const away = await printed(() => Promise.reject(new ToolError('no answer')));
  assert.match(away.stdout, /^# {3}role\..* could not be asked/m);
});

test('a missing namespace takes a ClusterRole, and is said to', async (t) => {
  await aBackup(t);
  const { io } = await run({ command: 'restore', backup: 'cart', output: 'name' }, { namespaces: [] });
  assert.match(io.stdout, /^create namespaces$/m);
  assert.match(io.stderr, /namespace shop does not exist/);
});

test('of all namespaces everything is cluster-wide', async () => {
  for (const command of ['backup', 'status', 'doctor']) {
    const { io } = await run({ command, allNamespaces: true, output: 'yaml' });
    assert.deepEqual(io.stdout.match(/^kind: .*$/gm), ['kind: ClusterRole'], command);
  }
});

test('of all namespaces, with the kinds of a backup too', async (t) => {
  await aBackup(t);
  const { io } = await run({ command: 'backup', backup: 'cart', allNamespaces: true, output: 'name' });
  assert.match(io.stdout, /^list deployments\.apps$/m);
  assert.doesNotMatch(io.stdout, / in namespace /);
});

test('the help names every command that has permissions, and the page has a row of each', () => {
  const text = readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8');
  const [page = ''] = text.split('\n## ');
  const rows = page.split('\n').flatMap((line) => /^\| (`.*?) \|/.exec(line)?.[1] ?? []);
  assert.deepEqual(
    rows.flatMap((cell) => [...cell.matchAll(/`([\w ]+)`/g)].map(([, name]) => name)).sort(),
    PERMISSION_COMMANDS.toSorted(),
  );
  const [, listed = ''] = /^COMMAND is (.*?)\. /.exec(permissionsCommand.details ?? '') ?? [];
  assert.deepEqual(listed.split(/, | or /).sort(), PERMISSION_COMMANDS.toSorted());
});

test('whose permissions are checked is said by --as: --for is refused rather than passed over', async () => {
  const checked = run({ command: 'backup', check: true, subject: 'system:serviceaccount:shop:bot' });
  await assert.rejects(checked, {
    message: /--check/,
    next: tool('permissions', 'backup', '--check', '--as', 'system:serviceaccount:shop:bot'),
  });
  await assert.rejects(run({ command: 'backup', check: true, subject: 'user:jane' }), {
    next: tool('permissions', 'backup', '--check', '--as', 'jane'),
  });
  await assert.rejects(run({ command: 'backup', check: true, subject: 'group:ops' }), {
    next: tool('permissions', 'backup', '--check', '--as', placeholder('NAME'), '--as-group', 'ops'),
  });
});

test('an undo takes what its restore took', async () => {
  const next = tool('permissions', 'restore', 'cart', '-n', 'shop', '--store', '.');
  await assert.rejects(run({ command: 'undo', backup: 'cart', namespace: 'shop' }), { next });
});

test('what is no command, nobody, or not for all namespaces is refused', async () => {
  await assert.rejects(run({ command: 'dance' }), UsageError);
  await assert.rejects(run({ command: 'backup', subject: 'jane' }), UsageError);
  await assert.rejects(run({ command: 'diff', allNamespaces: true }), UsageError);
});
