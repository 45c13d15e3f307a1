import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { aRelease } from './support/release.ts';
import { converse } from './support/terminal.ts';

const cluster = await ensureCluster();
const COLUMNS = 80;
const release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
after(() => release[Symbol.asyncDispose]());
const { name, namespace, cli } = release;
const about = ['-n', namespace, '--store', cli.store];

/** What is left on a screen: a spinner's frames and control sequences are gone from it. */
async function screen(...args: string[]): Promise<{ lines: string[]; code: number }> {
  using terminal = converse(BINARY, args, cli.env, COLUMNS);
  const { shown, code } = await terminal.ended();
  return { lines: linesOf(shown), code };
}

function linesOf(shown: string): string[] {
  return (
    shown
      // Synchronized output, in which ora draws each frame.
      .replaceAll(/\u001b\[\?2026h.*?\u001b\[\?2026l/gs, '')
      .replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, '')
      .split(/\r?\n/)
  );
}

/** Commands stay whole, and so do words that are longer than a line. */
function assertFits(lines: readonly string[]): void {
  const long = lines.filter((line) => [...line].length > COLUMNS && !/kubectl |helm /.test(line));
  assert.deepEqual(
    // A path below a label has no room farther to the left.
    long.filter((line) => (line.split(' ').at(-1) ?? '').length < COLUMNS - 24),
    [],
  );
}

describe('on a terminal of 80 columns', { concurrency: 1 }, () => {
  test('every command keeps its lines within it, and words and commands whole', async () => {
    await cli.ok('backup', name);
    await release.upgrade({ ...release.values, memcached: { maxMemory: 8, maxConnections: 64 } });
    await cli.ok('backup', name);
    const commands = [
      ['backup', ...about],
      ['list', ...about],
      ['status', ...about],
      ['show', name, ...about],
      ['verify', name, ...about],
      ['prune', ...about, '--dry-run', '--keep-last', '1', '--keep-min', '1'],
      ['doctor', ...about],
      ['doctor', ...about, '--min-severity', 'note'],
      ['permissions', 'restore', name, ...about],
      ['schedule', 'install', '-n', namespace, '--store', 'pvc://backups', '--dry-run'],
      ['restore', `${name}@previous`, ...about, '--dry-run=server'],
      ['restore', 'nope', ...about],
      ['restore', name, '20261129T000000Z'],
      ['restore', '--help'],
      ['options'],
    ];
    for (const args of commands) {
      const { lines } = await screen(...args);
      assertFits(lines);
      assert.ok(lines.length > 1, args.join(' '));
    }
    const { lines } = await screen('doctor', '--explain', 'MB535');
    assertFits(lines);
    const advised = (await screen('restore', 'nope', ...about)).lines;
    assert.ok(
      advised.some((line) => line.trim().startsWith('kubectl memcached-backup ') && line.includes(cli.store)),
      advised.join('\n'),
    );
  });

  test('a pipe gets the same lines whole', async () => {
    const { stdout } = await cli.run('doctor', '--min-severity', 'note');
    const [line = ''] = stdout.split('\n').filter((each) => / MB651 /.test(each));
    assert.ok(line.length > COLUMNS, stdout);
    const { lines } = await screen('doctor', ...about, '--min-severity', 'note');
    assert.ok(!lines.includes(line));
    assert.ok(unwrapped(lines).includes(line.trim().replaceAll(/\s+/g, ' ')), lines.join('\n'));
  });

  test('a restore prints each write when it is done, and how long it waits, of how much', async () => {
    const oldest = (await cli.ok('list', '-o', 'name')).trim().split('\n').at(-1) ?? '';
    using terminal = converse(BINARY, ['restore', oldest, ...about, '--timeout', '2m'], cli.env, COLUMNS);
    await terminal.shows(/\[y\/N\]/);
    terminal.answer('y');
    await terminal.shows(/Helm revision \d+ written\r?\n/);
    await terminal.shows(/deployment\.apps\/\S+ replaced\r?\n/);
    await terminal.shows(/\(\d+s of 2m\)/);
    const { shown, code } = await terminal.ended();
    assert.equal(code, 0);
    assert.equal(shown.split(/deployment\.apps\/\S+ replaced\r?\n/).length, 2, 'once');
    assert.match(shown, /Restored .* proved it/);
    assertFits(linesOf(shown));
    await assertSettings(release, { maxconns: '256' });
  });
});

/** Lines as one, as a reader joins them. */
function unwrapped(lines: readonly string[]): string {
  return lines.join(' ').replaceAll(/\s+/g, ' ');
}

test('without a terminal a wait tells of itself every 15 s', async () => {
  await using stuck = await aRelease(cluster, cluster.helms[0]!).named('cache').installed();
  await stuck.cli.ok('backup', stuck.name);
  const backup = (await stuck.cli.ok('list', '-o', 'name')).trim();
  await stuck.kubectl.ok('set', 'env', `deployment/${stuck.fullname}`, 'A=b');
  await stuck.kubectl.ok('rollout', 'status', `deployment/${stuck.fullname}`);
  // No pod comes in the place of the one that is there.
  await stuck.kubectl.ok('create', 'quota', 'none', '--hard=pods=0');
  const { code, stderr } = await stuck.cli.run('restore', backup, '--yes', '--timeout', '20s');
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^deployment\.apps\/\S+: .* \(15s of 20s\)$/m);
});
