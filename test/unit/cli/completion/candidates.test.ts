import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../../../src/cli/commands.ts';
import { answerText } from '../../../../src/cli/completion/candidate.ts';
import { answerAt } from '../../../../src/cli/completion/candidates.ts';
import { commandTable } from '../../../../src/cli/completion/command-table.ts';
import { cursorIn } from '../../../../src/cli/completion/cursor.ts';
import type { Sources } from '../../../../src/cli/completion/sources.ts';
import { namesIn } from '../../../../src/completion/listing-cache.ts';

const IDS = ['20261127T101500Z', '20261128T101500Z', '20261128T101500Z-2', '20261128T101500Z-10'];
const address = (namespace: string, release: string, id: string, cluster = '2a35bb76') => ({
  cluster,
  namespace,
  release,
  id,
});
const stored = namesIn({
  location: 's3://b',
  at: 0,
  addresses: [
    ...IDS.map((id) => address('shop', 'beta', id)),
    address('shop', 'gone', IDS[0]!),
    address('web', 'front', IDS[0]!),
  ],
});
const live = [
  { namespace: 'shop', release: 'alpha' },
  { namespace: 'shop', release: 'beta' },
  { namespace: 'web', release: 'front' },
];
const sources: Sources = {
  namespace: async () => 'shop',
  contexts: async () => [
    { name: 'prod', cluster: 'c1', namespace: 'shop' },
    { name: 'bad name', cluster: 'c1' },
  ],
  configured: async (what) => [`one-of-${what}`],
  releases: async (namespace) =>
    live.filter((each) => namespace === undefined || each.namespace === namespace),
  named: async (what) => [`${what.toLowerCase()}-1`, `${what.toLowerCase()}-2`],
  store: async () => stored,
  fallback: async () => stored,
  knownStores: async () => ['s3://b', 'pvc://shop/backups'],
};
const table = commandTable();

async function lines(...line: string[]): Promise<string[]> {
  return answer(line, false);
}

async function answer(line: string[], byHelm: boolean): Promise<string[]> {
  const cursor = cursorIn(line, table, byHelm);
  const text = answerText(await answerAt(cursor, table, sources, byHelm), cursor.typing.text);
  return text.split('\n').filter(Boolean);
}

/** Without their descriptions. */
async function words(...line: string[]): Promise<string[]> {
  return (await lines(...line)).map((each) => each.replace(/\t.*/, ''));
}

describe('candidates', () => {
  test('are every command that help shows, each once, with its summary', async () => {
    const offered = await lines('');
    const shown = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name.split(' ')[0]);
    assert.deepEqual((await words('')).slice(0, -1), [...new Set(shown)]);
    assert.ok(
      offered.includes(
        'completion\tPrint what a shell needs to complete commands, or have kubectl complete…',
      ) || offered.some((line) => line.startsWith('completion\tPrint what a shell needs')),
    );
    assert.ok(offered.includes('schedule\tHave the cluster back up by itself, and see how it does'));
    assert.deepEqual(await words('schedule', 'u'), ['uninstall', ':4']);
    assert.deepEqual(await words('nope', ''), [':4']);
    assert.deepEqual(await words('help', 'und'), ['undo', ':4']);
  });

  test('are the flags that a command takes, with what they are, but those that are given', async () => {
    assert.deepEqual(await lines('restore', '--on'), [
      '--on-failure\tauto (undo a failed write; the default), undo, keep',
      ':4',
    ]);
    const offered = await words('restore', '-y', '--identity', 'key', '-');
    assert.ok(!offered.includes('--yes') && offered.includes('--identity') && offered.includes('--context'));
    assert.ok(!offered.includes('--cache-dir') && !offered.includes('--version'), 'hidden ones');
    assert.ok(!(await words('version', '--')).includes('--store'));
    assert.deepEqual(await answer(['restore', '--on'], true), [':4'], 'Helm has them from completion.yaml');
  });

  test('are the values of a flag', async () => {
    assert.deepEqual(await words('list', '-o', ''), ['table', 'wide', 'json', 'yaml', 'name', ':4']);
    assert.deepEqual(await words('alerts', '-o', 'g'), ['grafana', ':4']);
    assert.deepEqual(await words('list', '--output=j'), ['json', ':4']);
    assert.deepEqual(await words('doctor', '--only', 'rollout,c'), ['rollout,cache', ':4']);
    assert.deepEqual(await words('doctor', '--only', 'cache,c'), [':4'], 'it is in the list already');
    assert.deepEqual(await lines('doctor', '--explain', 'MB201'), ['MB201\tNo backup CronJob', ':4']);
    assert.deepEqual(await words('restore', '--yes='), ['true', 'false', ':4']);
    assert.deepEqual(await words('schedule', 'install', '--time-zone', 'Europe/Ro'), ['Europe/Rome', ':4']);
  });

  test('are names of the kubeconfig and of the cluster, by what a flag takes', async () => {
    assert.deepEqual(await lines('--context', ''), ['prod\tcluster c1, namespace shop', ':4']);
    assert.deepEqual(await words('--user', ''), ['one-of-users', ':4']);
    assert.deepEqual(await words('-n', ''), ['namespaces-1', 'namespaces-2', ':4']);
    assert.deepEqual(await words('restore', 'beta', '--into', 'namespaces-2'), ['namespaces-2', ':4']);
    assert.deepEqual(await words('schedule', 'run', '--name', ''), ['schedules-1', 'schedules-2', ':4']);
    assert.deepEqual(await words('schedule', 'logs', '--job', 'r'), ['runs-1', 'runs-2', ':4']);
    assert.deepEqual(await words('schedule', 'install', '--s3-secret', ''), ['secrets-1', 'secrets-2', ':4']);
    assert.deepEqual(await words('warm', 'beta', '--to', ''), ['pods-1', 'pods-2', ':4']);
    assert.deepEqual(await words('restore', '--cluster-name', ''), ['2a35bb76', ':4']);
  });

  test('are files and folders, where the shell knows better, and stores that were listed lately', async () => {
    assert.deepEqual(await words('--kubeconfig', 'x'), [':0']);
    assert.deepEqual(await words('export', 'beta', ''), [':0']);
    assert.deepEqual(await words('list', '--store', ''), [':16']);
    assert.deepEqual(await words('list', '--store', 's3'), ['s3://b', ':4']);
    assert.deepEqual(await words('copy', '--to', 'pvc'), ['pvc://shop/backups', ':4']);
    assert.deepEqual(await words('restore', '--timeout', ''), [':4']);
  });

  test('are the releases of the namespace in use, or of the one that is named, live and stored', async () => {
    assert.deepEqual(await lines('restore', ''), [
      'alpha\truns, no backups known',
      'beta\truns, and has backups',
      'gone\tin the store alone',
      ':4',
    ]);
    assert.deepEqual(
      await words('backup', 'alpha', ''),
      ['beta', 'gone', ':4'],
      'one that is there is left out',
    );
    assert.deepEqual(await words('status', '-A', 'f'), ['front', ':4']);
    assert.deepEqual(await words('show', 'web/'), ['web/front', ':4']);
    assert.deepEqual(await words('list', 'beta', ''), [':4'], 'it takes one');
    assert.deepEqual(await words('schedule', 'install', 'al'), ['alpha', ':4']);
  });

  test('are the backups of a release, newest first, in the order that they have', async () => {
    const ids = ['20261128T101500Z-10', '20261128T101500Z-2', '20261128T101500Z', '20261127T101500Z'];
    const expected = ['latest', 'previous', 'healthy', ...ids].map((id) => `beta@${id}`);
    assert.deepEqual(await words('restore', 'beta@'), [...expected, ':36']);
    assert.deepEqual(await words('restore', 'beta@20261127'), ['beta@20261127T101500Z', ':36']);
    assert.deepEqual(await words('copy', 'gone', 'beta@20261127'), ['beta@20261127T101500Z', ':36']);
    assert.deepEqual(await words('show', 'web/front@2'), ['web/front@20261127T101500Z', ':36']);
    assert.deepEqual(await words('restore', 'nope@2'), [':36']);
    assert.match((await lines('restore', 'beta@20261127'))[0] ?? '', /\t2026-11-2[678] \d\d:\d\d$/);
  });

  test('are ids alone, where a flag takes them', async () => {
    assert.deepEqual(await words('rollback', 'beta', '--to', '20261127'), ['20261127T101500Z', ':36']);
    assert.deepEqual(await words('rollback', 'beta', '--to', 'l'), ['latest', ':36']);
    assert.deepEqual(await words('diff', 'beta', '--against', '@20261127'), ['@20261127T101500Z', ':36']);
    assert.deepEqual(await words('diff', 'alpha', '--against', 'beta@20261127'), [
      'beta@20261127T101500Z',
      ':36',
    ]);
  });

  test('are the words of a command that takes some of its own', async () => {
    assert.deepEqual(await words('completion', ''), ['bash', 'zsh', 'fish', 'powershell', 'install', ':4']);
    assert.deepEqual(await words('permissions', 'sch'), ['schedule', ':4']);
    assert.deepEqual(await words('permissions', 'schedule', 'un'), ['uninstall', ':4']);
    assert.deepEqual(await words('permissions', 'restore', 'be'), ['beta', ':4']);
    assert.deepEqual(await words('permissions', 'restore', 'beta', ''), [':4']);
    assert.deepEqual(await words('version', ''), [':4']);
  });
});
